using System.Diagnostics;

namespace Fuser.LoadTests.Generation;

/// <summary>One request of a run. Whoever makes it says when its answer is there; what is done with the answer afterwards, such as looking at every element, is not measured.</summary>
internal sealed class LoadRequest : IThreadPoolWorkItem
{
    private readonly LoadRun _run;
    private long _answered;
    private int _answers;

    internal LoadRequest(LoadRun run, long number, long due) => (_run, Number, Due) = (run, number, due);

    /// <summary>From 0, in the order in which they were due.</summary>
    public long Number { get; }

    /// <summary>When it should have been started, as <see cref="Stopwatch"/> has it.</summary>
    internal long Due { get; }

    /// <summary>When its first answer was there; 0 as long as there is none.</summary>
    internal long AnsweredAt => Volatile.Read(ref _answered);

    /// <summary>Takes note of an answer. A second one is counted as a duplicate.</summary>
    public void Answered()
    {
        if (Interlocked.Increment(ref _answers) == 1)
        {
            Volatile.Write(ref _answered, Stopwatch.GetTimestamp());
        }
        else
        {
            _run.CountDuplicate();
        }
    }

    void IThreadPoolWorkItem.Execute() => _run.Start(this);
}
