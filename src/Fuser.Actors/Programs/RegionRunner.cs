using System.Collections.Immutable;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Programs;

/// <summary>Runs the regions of one run: on the caller's thread when their kernels are ready, else through the actors.</summary>
internal sealed class RegionRunner(FuserRuntime runtime, RunOptions options, ProgramReport? report, CancellationToken cancellationToken) : IRegionRunner
{
    /// <summary>Milliseconds a loop may keep its thread before it goes on elsewhere: whoever called gets the task in hand by then, and can cancel it.</summary>
    private const long MostBusy = 16;

    private long _busySince = Environment.TickCount64;

    /// <summary>Whether a kernel that is not ready ends the run.</summary>
    public bool NeverWaits { get; init; }

    /// <summary>Whether a region went to the fallback for want of a kernel.</summary>
    public bool FellBack { get; private set; }

    /// <summary>The function a region's graph is run with; it belongs to the program, and so to one runtime.</summary>
    public static LocalFunction FunctionOf(FuserRuntime runtime, RegionGraph region) =>
        region.State(graph => new LocalFunction(runtime, graph.Graph, graph, isRegion: true));

    public ValueTask<ImmutableArray<NdArray>> RunAsync(RegionGraph region, ReadOnlyMemory<FuserValue> inputs, long seed, ProgramMemory memory)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var function = FunctionOf(runtime, region);
        var own = region.Region.IsRandom ? options with { Seed = seed } : options;
        if (memory.IsCounted)
        {
            memory.Expect(function.RunBytes(inputs.Span, own, cancellationToken));
            return RunCountedAsync(region, function, inputs, own, memory);
        }

        if (report is null && function.TryRunNow(inputs.Span, memory, own, out var outputs))
        {
            return ValueTask.FromResult(outputs);
        }

        return NeverWaits ? throw new RegionNotReadyException() : RunSlowlyAsync(region, function, inputs, default, own);
    }

    /// <summary>Runs a region into arrays of the caller's.</summary>
    public async ValueTask RunAsync(RegionGraph region, ReadOnlyMemory<FuserValue> inputs, ImmutableArray<NdArray> outputs)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var function = FunctionOf(runtime, region);
        if (report is null && function.TryRunNow(inputs.Span, outputs.AsSpan(), allocate: false, options, out _))
        {
            return;
        }

        if (NeverWaits)
        {
            throw new RegionNotReadyException();
        }

        await RunSlowlyAsync(region, function, inputs, outputs, options).ConfigureAwait(false);
    }

    public ValueTask BeforeTripAsync()
    {
        cancellationToken.ThrowIfCancellationRequested();
        return NeverWaits || Environment.TickCount64 - _busySince < MostBusy ? ValueTask.CompletedTask : YieldAsync();
    }

    private async ValueTask<ImmutableArray<NdArray>> RunSlowlyAsync(RegionGraph region, LocalFunction function, ReadOnlyMemory<FuserValue> inputs, ImmutableArray<NdArray> outputs, RunOptions own)
    {
        var ran = await function.RunSlowlyAsync(inputs, outputs, own, cancellationToken).ConfigureAwait(false);
        FellBack |= !ran.Fallbacks.IsEmpty;
        report?.Add(region.Region, ran);
        return ran.Outputs;
    }

    private async ValueTask<ImmutableArray<NdArray>> RunCountedAsync(RegionGraph region, LocalFunction function, ReadOnlyMemory<FuserValue> inputs, RunOptions own, ProgramMemory memory)
    {
        var results = await RunSlowlyAsync(region, function, inputs, default, own).ConfigureAwait(false);
        memory.Count(results);
        return results;
    }

    private async ValueTask YieldAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _busySince = Environment.TickCount64;
    }
}

/// <summary>Ends a run that may not wait at a kernel that is not ready; nobody outside sees it.</summary>
internal sealed class RegionNotReadyException : Exception;
