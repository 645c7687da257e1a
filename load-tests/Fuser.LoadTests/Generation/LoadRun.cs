using System.Diagnostics;
using System.Globalization;
using Fuser.Kernels;

namespace Fuser.LoadTests.Generation;

/// <summary>
/// The books of one run. Answers come from any thread, so each processor has books of its own, which are added up at the end. What comes after the run was closed is not
/// counted any more: it was counted as lost.
/// </summary>
internal sealed class LoadRun
{
    private const int LongestProblem = 300;
    private const string WrongBits = "";
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    private readonly Func<LoadRequest, Task<Outcome>> _request;
    private readonly Book[] _books;
    private readonly Lock _errors = new();
    private readonly Dictionary<string, long> _codes = [];
    private readonly SortedDictionary<string, string> _problems = [];
    private long _measuredFrom;
    private long _measuredTo;
    private long _duplicates;
    private long _ended;

    public LoadRun(Func<LoadRequest, Task<Outcome>> request)
    {
        _request = request;
        _books = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Book())];
    }

    /// <summary>Requests that were handed to the thread pool. Written by the pacing thread only.</summary>
    public long Sent { get; set; }

    /// <summary>Requests that were due and found no room. Written by the pacing thread only.</summary>
    public long Unsent { get; set; }

    /// <summary>By how much requests were handed over late. Written by the pacing thread only.</summary>
    public LatencyHistogram Lag { get; } = new();

    /// <summary>Requests that have ended, one way or another.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>Says from when to when is measured, before the first request.</summary>
    public void Measure(long from, long to) => (_measuredFrom, _measuredTo) = (from, to);

    public void CountDuplicate() => Interlocked.Increment(ref _duplicates);

    /// <summary>Starts a request, on a thread of the pool; its end is counted whenever it comes.</summary>
    public void Start(LoadRequest request) => _ = MakeAsync(request);

    /// <summary>Waits until everything that was sent has ended.</summary>
    /// <param name="patience">For so long at most; what has not ended then is lost.</param>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (Ended < Sent && Stopwatch.GetElapsedTime(start) < patience)
        {
            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false); // a signal would cost every request something, and looking costs them nothing
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>What has been counted, as a line for whoever waits.</summary>
    public string Progress()
    {
        var (right, errors, wrong) = (_books.Sum(book => book.Right), _books.Sum(book => book.Errors), _books.Sum(book => book.Wrong));
        return string.Create(CultureInfo.InvariantCulture, $"sent {Sent:N0}, right {right:N0}, errors {errors:N0}, wrong {wrong:N0}, under way {Sent - Ended:N0}, not sent {Unsent:N0}");
    }

    /// <summary>Adds the books up. What is still under way is lost.</summary>
    public LoadResult Close(double rate)
    {
        var (latency, right, errors, wrong, inTime) = (new LatencyHistogram(), 0L, 0L, 0L, 0L);
        foreach (var book in _books)
        {
            lock (book)
            {
                book.IsClosed = true;
                latency.Add(book.Latency);
                right += book.Right;
                errors += book.Errors;
                wrong += book.Wrong;
                inTime += book.RightInTime;
            }
        }

        var seconds = (_measuredTo - _measuredFrom) / (double)Stopwatch.Frequency;
        lock (_errors)
        {
            var tally = new Tally(Sent, Unsent, right, errors, wrong, Sent - right - errors - wrong, Interlocked.Read(ref _duplicates));
            return new LoadResult(rate, seconds, inTime / seconds, latency, Lag, tally, new SortedDictionary<string, long>(_codes), [.. _problems.Values]);
        }
    }

    /// <summary>Makes a request and counts how it ended.</summary>
    public async Task MakeAsync(LoadRequest request)
    {
        Outcome outcome;
        try
        {
            outcome = await _request(request).ConfigureAwait(false);
            if (outcome == Outcome.Wrong)
            {
                Remember(WrongBits, $"request {request.Number} was answered with other bits");
            }
        }
        catch (Exception error)
        {
            outcome = Outcome.Error;
            Remember(CodeOf(error), error.Message);
        }

        Count(request, outcome);
    }

    private void Count(LoadRequest request, Outcome outcome)
    {
        if (outcome == Outcome.Right && request.AnsweredAt == 0)
        {
            request.Answered(); // its maker had nothing to do afterwards
        }

        var answered = request.AnsweredAt;
        var book = _books[Thread.GetCurrentProcessorId() % _books.Length];
        lock (book)
        {
            if (!book.IsClosed)
            {
                switch (outcome)
                {
                    case Outcome.Error: book.Errors++; break;
                    case Outcome.Wrong: book.Wrong++; break;
                    default:
                        book.Right++;
                        book.RightInTime += answered >= _measuredFrom && answered < _measuredTo ? 1 : 0;
                        if (request.Due >= _measuredFrom)
                        {
                            book.Latency.Record((long)Stopwatch.GetElapsedTime(request.Due, answered).TotalNanoseconds);
                        }

                        break;
                }
            }
        }

        Interlocked.Increment(ref _ended);
    }

    private void Remember(string code, string problem)
    {
        lock (_errors)
        {
            if (code != WrongBits)
            {
                _codes[code] = _codes.GetValueOrDefault(code) + 1;
            }

            // The first of each kind: others of it say the same, but for ids and times.
            _problems.TryAdd(code, problem.Length > LongestProblem ? problem[..LongestProblem] + "..." : problem);
        }
    }

    private static string CodeOf(Exception error) => error switch
    {
        FuserException known => known.Code,
        HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}",
        OperationCanceledException or TimeoutException => "deadline",
        _ => error.GetType().Name,
    };

    private sealed class Book
    {
        public LatencyHistogram Latency { get; } = new();

        public long Right { get; set; }

        public long RightInTime { get; set; }

        public long Errors { get; set; }

        public long Wrong { get; set; }

        public bool IsClosed { get; set; }
    }
}
