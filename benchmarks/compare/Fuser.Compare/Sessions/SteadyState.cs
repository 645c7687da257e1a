using Fuser.Compare.Measuring;
using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;
using Fuser.Compare.References;
using Fuser.Compare.Reports;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Sessions;

/// <summary>
/// Warm runs of all workloads. In every place of the tables the peers take turns, a measurement each, so that a machine that is busy for
/// a while is busy for all of them.
/// </summary>
internal sealed class SteadyState(IReadOnlyList<Worker> workers, ComparisonOptions options, string scratch)
{
    /// <summary>Larger outputs are checked at every so many elements.</summary>
    private const long CheckedWhole = 1_000_000;
    private const long CheckStride = 101;

    /// <summary>A call longer than this is measured <see cref="FewRounds"/> times: seconds average out what others do meanwhile.</summary>
    private const double LongCall = 2e8;
    private const int FewRounds = 3;

    /// <summary>Copies of a workload's arrays that a process may need: PyTorch keeps what it computes on the way.</summary>
    private const int CopiesEach = 2;

    public async Task<List<Cell>> RunAsync(CancellationToken cancellationToken)
    {
        var cells = new List<Cell>();
        foreach (var workload in options.Workloads)
        {
            foreach (var size in options.Sizes)
            {
                cells.AddRange(await RunAsync(workload, size, cancellationToken));
            }
        }

        return cells;
    }

    private async Task<List<Cell>> RunAsync(Workload workload, long size, CancellationToken cancellationToken)
    {
        var arrays = workload.Arrays(size);
        var cells = new List<Cell>();
        var needed = workload.Bytes(size) * CopiesEach * workers.Count(worker => worker.Skipped is null);
        if (needed > FreeMemory.Bytes)
        {
            Console.Error.WriteLine($"{workload.Id} {size}: skipped, it needs about {needed >> 20} MiB and {FreeMemory.Bytes >> 20} MiB are free");
            return cells;
        }

        var stride = size > CheckedWhole ? CheckStride : 1;
        var truth = Reference.Of(workload, arrays, stride);
        var ready = new List<Worker>();
        foreach (var worker in workers.Where(worker => worker.Skipped is null))
        {
            await worker.StartAsync(cancellationToken);
            var answer = worker.Skipped is null ? await worker.AskAsync(Message.Of("prepare", arrays.Select(array => array.ToString()).Prepend(workload.Id)), cancellationToken) : null;
            if (answer is { IsOk: true })
            {
                ready.Add(worker);
            }
            else
            {
                cells.AddRange(from threads in options.Threads from subject in worker.Subjects select new Cell(workload.Id, size, threads, subject.Name, null, null, "", worker.Skipped ?? answer!.Reason));
            }
        }

        foreach (var threads in options.Threads)
        {
            cells.AddRange(await RunAsync(workload, size, threads, ready, [.. arrays.Where(array => array.Kind == ArrayKind.Output)], truth, stride, cancellationToken));
        }

        foreach (var worker in ready)
        {
            await worker.AskAsync(Message.Of("release"), cancellationToken);
        }

        return cells;
    }

    private async Task<List<Cell>> RunAsync(Workload workload, long size, int threads, List<Worker> ready, ArraySpec[] outputs, double[][] truth, long stride, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        foreach (var worker in ready)
        {
            foreach (var subject in worker.Subjects)
            {
                var place = new Place(worker, subject);
                await CheckAsync(place, threads, outputs, truth, stride, cancellationToken);
                places.Add(place);
            }
        }

        var running = places.Where(place => place.Refusal is null).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            // Each round starts with another peer, so that nobody always comes after the same one.
            for (var i = 0; i < running.Count; i++)
            {
                var place = running[(i + round) % running.Count];
                if (round < FewRounds || place.Times[^1] < LongCall)
                {
                    await MeasureAsync(place, threads, cancellationToken);
                }
            }

            running.RemoveAll(place => place.Refusal is not null);
        }

        Console.Error.WriteLine($"{workload.Id} {size} x{threads}: {string.Join("  ", places.Where(place => place.Times.Count > 0).Select(place => $"{place.Subject.Name} {Summary.Of(place.Times).Median / size:0.000}"))}");
        return [.. places.Select(place => new Cell(
            workload.Id, size, threads, place.Subject.Name, place.Refusal is null ? Summary.Of(place.Times).DividedBy(size) : null, place.Error, place.Note, place.Refusal))];
    }

    private async Task CheckAsync(Place place, int threads, ArraySpec[] outputs, double[][] truth, long stride, CancellationToken cancellationToken)
    {
        var path = Path.Combine(scratch, "outputs.bin");
        var answer = await place.Worker.AskAsync(Message.Of("check", place.Subject.Name, $"{threads}", $"{stride}", path), cancellationToken);
        if (!answer.IsOk)
        {
            place.Refusal = answer.Word == Message.Failed ? $"failed: {answer.Reason}" : answer.Reason;
            return;
        }

        place.Note = answer.Fields[0];
        if (PeerNames.IsLimit(place.Subject.Name))
        {
            return;
        }

        try
        {
            place.Error = ErrorMeasure.Of(truth, outputs, await File.ReadAllBytesAsync(path, cancellationToken));
        }
        catch (FormatException error)
        {
            place.Refusal = $"failed: {error.Message}";
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task MeasureAsync(Place place, int threads, CancellationToken cancellationToken)
    {
        if (await place.Worker.TimeAsync(place.Subject.Name, threads, options.Milliseconds, cancellationToken) is { } time)
        {
            place.Times.Add(time);
        }
        else
        {
            place.Refusal = "failed during the measurement";
        }
    }

    /// <summary>One peer in one place of the tables.</summary>
    private sealed class Place(Worker worker, Subject subject)
    {
        public Worker Worker { get; } = worker;

        public Subject Subject { get; } = subject;

        public List<double> Times { get; } = [];

        public double? Error { get; set; }

        public string Note { get; set; } = "";

        public string? Refusal { get; set; }
    }
}
