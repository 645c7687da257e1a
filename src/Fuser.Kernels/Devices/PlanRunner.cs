using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Devices.Routines;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>
/// Runs a plan in host memory: fills its numbers, pins the caller's arrays, provides temporaries, runs each step in order. A warm run asks the system for
/// no memory and the garbage collector for none.
/// </summary>
internal sealed unsafe class PlanRunner
{
    private const int PinnedAtOnce = 8;

    /// <summary>More arrays than this are pinned by handles: the recursion below would eat the stack.</summary>
    private const int MostPinnedByStack = 256;

    private const int MostSlotsOnStack = 2048;

    [ThreadStatic]
    private static FuserValue[]? _numberValues;

    private readonly GroupLaunch[] _launches;
    private readonly RoutineLaunch?[] _routines;
    private readonly int[] _temporaries;
    private readonly int[] _arrayBuffers;
    private readonly BlockPool? _pool;

    /// <param name="pool">Where temporaries come from; null for the process's own, and for little ones the thread's.</param>
    public PlanRunner(GraphPlan plan, ImmutableArray<GroupLaunch> launches, BlockPool? pool = null)
    {
        Plan = plan;
        _pool = pool;
        _launches = [.. launches];
        _routines = [.. plan.Steps.Select(step => step is RoutineStep routine ? RoutineLaunch.Of(routine) : null)];
        _temporaries = [.. Enumerable.Range(0, plan.Buffers.Length).Where(i => plan.Buffers[i].Kind == BufferKind.Temporary)];
        _arrayBuffers = [.. Enumerable.Range(0, plan.Buffers.Length).Where(i => plan.Buffers[i].Kind != BufferKind.Temporary)];
    }

    public GraphPlan Plan { get; }

    /// <summary>Runs into arrays of the caller's, which must have the plan's shapes and dtypes.</summary>
    /// <param name="kernels">One per group of the plan.</param>
    /// <param name="cancellationToken">Observed between steps.</param>
    /// <exception cref="InputException">An output does not fit, an integer was divided by zero, or an index was none.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the outputs may be written in part.</exception>
    public void Run(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, ReadOnlySpan<CompiledKernel> kernels, long seed, int threads, CancellationToken cancellationToken = default)
    {
        OutputCheck.Check(Plan, outputs);
        Run(inputs, outputs, kernels, seed, threads, areNew: false, cancellationToken);
    }

    private void Run(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, ReadOnlySpan<CompiledKernel> kernels, long seed, int threads, bool areNew, CancellationToken cancellationToken)
    {
        var slots = Plan.Buffers.Length + Plan.Scalars.Count;
        if (slots <= MostSlotsOnStack)
        {
            var memory = stackalloc long[slots];
            Run(inputs, outputs, kernels, memory, seed, threads, areNew, cancellationToken);
            return;
        }

        var rented = (long*)NativeMemory.Alloc((nuint)slots, sizeof(long));
        try
        {
            Run(inputs, outputs, kernels, rented, seed, threads, areNew, cancellationToken);
        }
        finally
        {
            NativeMemory.Free(rented);
        }
    }

    /// <summary>Runs into new arrays.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up; observed between steps.</exception>
    public ImmutableArray<NdArray> Run(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, long seed, int threads, CancellationToken cancellationToken = default)
    {
        var outputs = new NdArray[Plan.Outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = NdArray.Allocate(Plan.Outputs[i].DType, Plan.Outputs[i].Shape);
        }

        Run(inputs, outputs, kernels, seed, threads, areNew: true, cancellationToken);
        return ImmutableCollectionsMarshal.AsImmutableArray(outputs);
    }

    private void Run(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, ReadOnlySpan<CompiledKernel> kernels, long* slots, long seed, int threads, bool areNew, CancellationToken cancellationToken)
    {
        var run = new RunState { Inputs = inputs, Outputs = outputs, Kernels = kernels, Buffers = (byte**)slots, Numbers = slots + Plan.Buffers.Length, Seed = seed, Threads = threads, AreOutputsNew = areNew, CancellationToken = cancellationToken };
        FillNumbers(inputs, run.Numbers);
        if (_arrayBuffers.Length <= MostPinnedByStack)
        {
            Pin(in run, 0);
        }
        else
        {
            PinByHandles(in run);
        }
    }

    private void FillNumbers(ReadOnlySpan<FuserValue> inputs, long* numbers)
    {
        var count = Plan.Scalars.Count;
        if (count == 0)
        {
            return;
        }

        if (_numberValues is null || _numberValues.Length < count)
        {
            _numberValues = new FuserValue[Math.Max(count, 16)];
        }

        var values = _numberValues.AsSpan(0, count);
        Plan.Scalars.Run(inputs, values);
        for (var i = 0; i < count; i++)
        {
            numbers[i] = values[i].Kind == FuserValueKind.Float ? BitConverter.DoubleToInt64Bits(values[i].Float) : values[i].Kind == FuserValueKind.Array ? 0 : values[i].Integer;
        }

        values.Clear();
    }

    /// <summary>
    /// Pins buffers eight at a time: pinned locals cost nothing, unlike handles, but their number must be known when this is compiled.
    /// </summary>
    private void Pin(in RunState run, int first)
    {
        if (first >= _arrayBuffers.Length)
        {
            Launch(in run);
            return;
        }

        fixed (byte* p0 = &Memory(run, first), p1 = &Memory(run, first + 1), p2 = &Memory(run, first + 2), p3 = &Memory(run, first + 3),
            p4 = &Memory(run, first + 4), p5 = &Memory(run, first + 5), p6 = &Memory(run, first + 6), p7 = &Memory(run, first + 7))
        {
            var pinned = stackalloc byte*[PinnedAtOnce] { p0, p1, p2, p3, p4, p5, p6, p7 };
            for (var i = 0; i < PinnedAtOnce && first + i < _arrayBuffers.Length; i++)
            {
                run.Buffers[_arrayBuffers[first + i]] = pinned[i];
            }

            Pin(in run, first + PinnedAtOnce);
        }
    }

    private void PinByHandles(in RunState run)
    {
        var handles = new List<MemoryHandle>(_arrayBuffers.Length);
        try
        {
            for (var i = 0; i < _arrayBuffers.Length; i++)
            {
                if (ArrayOf(run, i) is { } array)
                {
                    handles.Add(array.Pin());
                    run.Buffers[_arrayBuffers[i]] = (byte*)handles[^1].Pointer;
                }
            }

            Launch(in run);
        }
        finally
        {
            handles.ForEach(handle => handle.Dispose());
        }
    }

    private ref byte Memory(in RunState run, int position)
    {
        var array = position < _arrayBuffers.Length ? ArrayOf(run, position) : null;
        return ref array is null ? ref Unsafe.NullRef<byte>() : ref array.First;
    }

    private NdArray? ArrayOf(in RunState run, int position)
    {
        var buffer = Plan.Buffers[_arrayBuffers[position]];
        return buffer.Kind == BufferKind.Output ? run.Outputs[buffer.Index]
            : run.Inputs[buffer.Index].Kind == FuserValueKind.Array ? run.Inputs[buffer.Index].Array
            : null;
    }

    private void Launch(in RunState run)
    {
        var marks = stackalloc bool[Math.Min(Plan.Outputs.Length, MostSlotsOnStack)];
        var manyMarks = Plan.Outputs.Length > MostSlotsOnStack ? (bool*)NativeMemory.Alloc((nuint)Plan.Outputs.Length) : null;
        CallBlock memory = default;
        try
        {
            var redirected = manyMarks != null ? manyMarks : marks;
            new Span<bool>(redirected, Plan.Outputs.Length).Clear();
            var any = !run.AreOutputsNew && OutputCheck.MarkRedirected(Plan, run.Inputs, run.Outputs, run.Buffers, redirected);
            var bytes = MemorySizes.Sum(Plan.Memory.PeakBytes, any ? RedirectedBytes(redirected) : 0);
            memory = _pool is null ? CallMemory.TakeTemporaries(bytes) : CallMemory.Take(_pool, bytes);
            PlaceTemporaries(run.Buffers, memory.Memory);
            if (any)
            {
                PlaceRedirected(run.Buffers, memory.Memory + Plan.Memory.PeakBytes, redirected);
            }

            for (var i = 0; i < _routines.Length; i++)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                if (_routines[i] is { } routine)
                {
                    routine.Run(run.Buffers, run.Threads);
                }
                else
                {
                    var group = ((KernelStep)Plan.Steps[i]).Group;
                    _launches[group].Run(run.Kernels[group], run.Buffers, run.Numbers, run.Seed, run.Threads);
                }
            }

            CopyResults(run, redirected);
        }
        finally
        {
            memory.GiveBack();
            NativeMemory.Free(manyMarks);
        }
    }

    private void PlaceTemporaries(byte** buffers, byte* memory)
    {
        var offsets = Plan.Memory.Offsets;
        foreach (var buffer in _temporaries)
        {
            buffers[buffer] = memory + offsets[buffer];
        }
    }

    /// <summary>Behind the temporaries, and for the whole call: who waits for a result may read it from here.</summary>
    private void PlaceRedirected(byte** buffers, byte* next, bool* redirected)
    {
        for (var i = 0; i < Plan.Outputs.Length; i++)
        {
            if (redirected[i])
            {
                buffers[Plan.Outputs[i].Buffer] = next;
                next += OutputBytes(i);
            }
        }
    }

    /// <summary>Numbers among the outputs, and results that could not be written in place.</summary>
    private void CopyResults(in RunState run, bool* redirected)
    {
        for (var i = 0; i < Plan.Outputs.Length; i++)
        {
            var output = Plan.Outputs[i];
            var array = run.Outputs[i];
            if (output.ScalarSlot >= 0)
            {
                new ReadOnlySpan<byte>(run.Numbers + output.ScalarSlot, output.DType.ItemSize()).CopyTo(MemoryMarshal.CreateSpan(ref array.First, output.DType.ItemSize()));
            }
            else if (redirected[i] && array.ElementCount > 0)
            {
                CopyResult(array, run.Buffers[output.Buffer]);
            }
        }
    }

    private static void CopyResult(NdArray array, byte* source)
    {
        var (layout, item) = (array.Layout, array.DType.ItemSize());
        Span<long> sizes = stackalloc long[Math.Max(layout.Rank, 1)];
        Span<long> strides = stackalloc long[sizes.Length];
        (sizes[0], strides[0]) = (1, item);
        for (var axis = 0; axis < layout.Rank; axis++)
        {
            (sizes[axis], strides[axis]) = (layout.Sizes[axis], layout.Strides[axis] * item);
        }

        fixed (byte* destination = &array.First)
        {
            TileTransfer.Walk(destination, strides, sizes, 0, source, layout.ElementCount, item, toTile: false);
        }
    }

    private long RedirectedBytes(bool* redirected)
    {
        long bytes = 0;
        for (var i = 0; i < Plan.Outputs.Length; i++)
        {
            bytes = MemorySizes.Sum(bytes, redirected[i] ? OutputBytes(i) : 0);
        }

        return bytes;
    }

    private long OutputBytes(int output) => MemorySizes.WholeLines(Shapes.ElementCount(Plan.Outputs[output].Shape.AsSpan()), Plan.Outputs[output].DType.ItemSize());

    private readonly ref struct RunState
    {
        public ReadOnlySpan<FuserValue> Inputs { get; init; }

        public ReadOnlySpan<NdArray> Outputs { get; init; }

        public ReadOnlySpan<CompiledKernel> Kernels { get; init; }

        public byte** Buffers { get; init; }

        public long* Numbers { get; init; }

        public long Seed { get; init; }

        public int Threads { get; init; }

        /// <summary>Whether the outputs are arrays of their own, which overlap nothing: comparing every two of many would take long.</summary>
        public bool AreOutputsNew { get; init; }

        public CancellationToken CancellationToken { get; init; }
    }
}
