using Fuser.Actors;
using Fuser.Compare.Measuring;
using Fuser.Compare.Protocol;
using Fuser.Compare.References;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;
using Fuser.Kernels;

namespace Fuser.Gpu.Sessions;

/// <summary>
/// The workloads, one after the other: this runtime, the peers and the copy take turns, a measurement each, so that a device that is slower for a while is slower for all of
/// them. Everything stays on the device; each result is compared with float64 formulas before it is timed.
/// </summary>
internal sealed class WorkloadSession(FuserSystem fuser, IReadOnlyList<PeerProcess> peers, GpuOptions options, string scratch)
{
    private const int ItemSize = 4;
    private const long CheckedWhole = 1_000_000;
    private const long CheckedElements = 100_000;

    public async Task<List<Cell>> RunAsync(CancellationToken cancellationToken)
    {
        var cells = new List<Cell>();
        foreach (var workload in options.Workloads)
        {
            cells.AddRange(await RunAsync(workload, cancellationToken));
        }

        return cells;
    }

    /// <summary>Whole rows, where a workload has rows.</summary>
    internal static long ElementsOf(Workload workload, long elements) =>
        workload.Arrays(Workload.SizeStep).Any(array => array.Shape.Count > 1) && workload.Id != "W12" ? elements / Workload.SizeStep * Workload.SizeStep : elements;

    /// <summary>So that every column of the rows gets its turn, it shares no divisor with their length.</summary>
    internal static long StrideOf(long elements) => elements <= CheckedWhole ? 1 : (elements / CheckedElements / 10 * 10) + 1;

    private async Task<List<Cell>> RunAsync(Workload workload, CancellationToken cancellationToken)
    {
        var elements = ElementsOf(workload, options.Elements);
        var arrays = workload.Arrays(elements);
        var stride = StrideOf(arrays.Where(array => array.Kind == ArrayKind.Output).Max(array => array.Count));
        var check = new Check([.. arrays.Where(array => array.Kind == ArrayKind.Output)], Reference.Of(workload, arrays, stride), stride);
        var places = new List<Place>();
        try
        {
            places.Add(Own(workload, arrays, check));
            foreach (var peer in peers.Where(peer => peer.Skipped is null))
            {
                places.AddRange(await PeerAsync(peer, workload, arrays, check, cancellationToken));
            }

            places.Add(Copy());
            await MeasureAsync(places, cancellationToken);
        }
        finally
        {
            foreach (var place in places)
            {
                await place.DisposeAsync();
            }
        }

        Console.Error.WriteLine($"{workload.Id} {elements}: {string.Join("  ", places.Select(place => place.Times.Count > 0 ? $"{place.Subject} {Summary.Of(place.Times).Median / 1e6:0.000} ms" : $"{place.Subject} none"))}");
        var bytes = arrays.Sum(array => array.Bytes);
        return [.. places.Select(place => new Cell(
            workload.Id, elements, place.Bytes ?? bytes, place.Subject, place.Refusal is null ? Summary.Of(place.Times) : null, place.Error, place.Note, place.Refusal))];
    }

    private async Task MeasureAsync(List<Place> places, CancellationToken cancellationToken)
    {
        var running = places.Where(place => place.Refusal is null).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            // Each round starts with another, so that nobody always comes after the same one.
            for (var i = 0; i < running.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await running[(i + round) % running.Count].MeasureAsync();
            }

            running.RemoveAll(place => place.Refusal is not null);
        }
    }

    private Place Own(Workload workload, IReadOnlyList<ArraySpec> arrays, Check check)
    {
        var place = new Place(PeerNames.Fuser);
        try
        {
            var resident = ResidentWorkload.Create(fuser, options.Device, workload, arrays);
            place.Owns(resident);
            place.Note = resident.Note;
            place.Judge(check, resident.Check(check.Stride));
            place.TimeBy(() => Task.FromResult<(double?, string?)>((resident.Measure(options.Milliseconds).Nanoseconds, null)));
        }
        catch (FuserException error)
        {
            place.Refuse($"{error.Code}: {error.Message}");
        }

        return place;
    }

    private Place Copy()
    {
        var place = new Place(PeerNames.Copy);
        try
        {
            var copy = new DeviceCopy(fuser.Devices.Find(options.Device).Device.Accelerator!, options.Elements * ItemSize);
            place.Owns(copy);
            place.Bytes = copy.Traffic;
            place.TimeBy(() => Task.FromResult<(double?, string?)>((copy.Measure(options.Milliseconds).Nanoseconds, null)));
        }
        catch (FuserException error)
        {
            place.Refuse($"{error.Code}: {error.Message}");
        }

        return place;
    }

    private async Task<List<Place>> PeerAsync(PeerProcess peer, Workload workload, IReadOnlyList<ArraySpec> arrays, Check check, CancellationToken cancellationToken)
    {
        var places = peer.Subjects.Where(options.Peers.Contains).Select(subject => new Place(subject)).ToList();
        var prepared = await peer.AskAsync(Message.Of("prepare", arrays.Select(array => array.ToString()).Prepend(workload.Id)), cancellationToken);
        foreach (var place in places)
        {
            if (!prepared.IsOk)
            {
                place.Refuse(prepared.Reason);
                continue;
            }

            var path = Path.Combine(scratch, "outputs.bin");
            var answer = await peer.AskAsync(Message.Of("check", place.Subject, $"{check.Stride}", path), cancellationToken);
            if (!answer.IsOk)
            {
                place.Refuse(answer.Word == Message.Failed ? $"failed: {answer.Reason}" : answer.Reason);
                continue;
            }

            place.Note = answer.Fields.Count > 0 ? answer.Fields[0] : "";
            place.Judge(check, await File.ReadAllBytesAsync(path, cancellationToken));
            File.Delete(path);
            place.TimeBy(() => peer.NumberAsync(Message.Of("time", place.Subject, options.Milliseconds.ToString("R")), cancellationToken));
        }

        places[0].OwnsLast(async () => _ = await peer.AskAsync(Message.Of("release"), CancellationToken.None));
        return places;
    }

    /// <summary>What results are compared with.</summary>
    private sealed record Check(IReadOnlyList<ArraySpec> Outputs, double[][] Truth, long Stride);

    /// <summary>One subject at one workload.</summary>
    private sealed class Place(string subject) : IAsyncDisposable
    {
        private IDisposable? _owned;
        private Func<Task>? _release;
        private Func<Task<(double? Nanoseconds, string? Refusal)>>? _time;

        public string Subject => subject;

        public List<double> Times { get; } = [];

        public long? Bytes { get; set; }

        public double? Error { get; private set; }

        public string Note { get; set; } = "";

        public string? Refusal { get; private set; }

        public void Owns(IDisposable owned) => _owned = owned;

        public void OwnsLast(Func<Task> release) => _release = release;

        /// <summary>It takes no further part, and its memory goes to the others.</summary>
        public void Refuse(string reason)
        {
            Refusal = reason;
            _owned?.Dispose();
            _owned = null;
        }

        public void TimeBy(Func<Task<(double? Nanoseconds, string? Refusal)>> time) => _time = time;

        public void Judge(Check check, byte[] results)
        {
            try
            {
                Error = ErrorMeasure.Of(check.Truth, check.Outputs, results);
            }
            catch (FormatException error)
            {
                Refuse($"failed: {error.Message}");
            }
        }

        public async Task MeasureAsync()
        {
            try
            {
                var (nanoseconds, refusal) = await _time!();
                if (nanoseconds is { } time)
                {
                    Times.Add(time);
                }

                if (refusal is not null)
                {
                    Refuse(refusal);
                }
            }
            catch (FuserException error)
            {
                Refuse($"{error.Code}: {error.Message}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            _owned?.Dispose();
            if (_release is not null)
            {
                await _release();
            }
        }
    }
}
