namespace Fuser.Compare.Protocol;

/// <summary>What a worker process does for the driver. A worker has one or more subjects that share its arrays.</summary>
internal interface IWorker
{
    /// <summary>Name and version of what is measured.</summary>
    IEnumerable<string> Hello();

    /// <summary>Makes the arrays of a workload and touches them.</summary>
    void Prepare(string workload, IReadOnlyList<string> arrays);

    /// <summary>Runs once on so many threads and writes every <paramref name="stride"/>-th element of the outputs to a file.</summary>
    /// <returns>How it is done, for the report.</returns>
    /// <exception cref="RefusedException">The subject cannot do this workload.</exception>
    string Check(string subject, int threads, long stride, string path);

    /// <summary>Nanoseconds a run, and the number of runs that were timed.</summary>
    (double Nanoseconds, long Calls) Time(string subject, int threads, double milliseconds);

    /// <summary>Milliseconds from the text of a computation that was never seen to its first result.</summary>
    double Cold(int operations, int number);

    /// <summary>Figures that only this worker has.</summary>
    IEnumerable<string> Figures(IReadOnlyList<string> arguments);

    /// <summary>Gives the arrays back.</summary>
    void Release();
}

/// <summary>A peer cannot do what it was asked for.</summary>
internal sealed class RefusedException(string message) : Exception(message);
