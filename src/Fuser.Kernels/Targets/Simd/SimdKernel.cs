using System.Runtime.CompilerServices;
using System.Text;
using Fuser.Kernels.Targets.Simd.Emission;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>
/// A kernel as machine code. The code covers whole steps; a rest is covered by the same code, either by running the last whole
/// step's worth of elements a second time or over copies of them, so there is no second way to compute anything. Its loops do one step at a time until they have run for about as long as
/// compiling loops of several steps takes, which is several times as long: what runs once should not wait for what would make it fast a thousand times.
/// </summary>
internal sealed unsafe class SimdKernel : ElementwiseKernel
{
    /// <summary>A step of an instruction takes about a nanosecond where it waits for the one before, and compiling it 10 us a copy.</summary>
    private const long StepsPerCopy = 10_000;

    private const int MethodOverhead = 4096;

    /// <summary>What is kept for a primitive so that its code can be written again: the IR, the plan, and its part of the spec.</summary>
    private const int BytesOfNode = 150;
    private const int MaxStackBytes = 8192;

    private readonly KernelPlan _plan;
    private readonly ConstantTables _tables;
    private readonly RunSegment[] _once;
    private readonly RunSegment[] _first;
    private readonly bool _isOneSegment;
    private readonly int _copies;
    private readonly int _step;
    private readonly RestOfRun _rest;
    private readonly StreamedOutputs _streamed;
    private RunSegment[]? _unrolled;
    private RunSegment[]? _streaming;
    private long _stepsUntilUnrolled;

    /// <param name="first">Code of the plan's segments as <see cref="KernelPlan.First"/> has them.</param>
    public SimdKernel(KernelPlan plan, ConstantTables tables, RunSegment[] once, RunSegment[] first, long codeBytes, TimeSpan compileTime)
        : base(plan.Layout.Ir, compileTime)
    {
        _plan = plan;
        _tables = tables;
        _once = once;
        _first = first;
        _isOneSegment = once.Length == 0 && first.Length == 1;
        _step = plan.Stride;
        _copies = plan.PerTile.Max(segment => segment.Copies);
        _stepsUntilUnrolled = plan.UnrollsLater ? _copies * StepsPerCopy : 0;
        _rest = new RestOfRun(Ir.Arguments, _step);
        _streamed = new StreamedOutputs(Ir.Arguments, plan.Layout.Isa.Width);
        CodeBytes = codeBytes + tables.Bytes + ((long)plan.Layout.Ir.Nodes.Length * BytesOfNode);
    }

    public override long CodeBytes { get; }

    /// <summary>Whether loops of several steps at once have taken the place of those that were compiled first.</summary>
    public bool IsUnrolled => Volatile.Read(ref _unrolled) is not null;

    private RunSegment[] Code => Volatile.Read(ref _unrolled) ?? _first;

    public override string Listing
    {
        get
        {
            var text = new StringBuilder();
            foreach (var segment in _plan.Once.Concat(_plan.PerTile))
            {
                SimdTarget.Emit(_plan, segment, _tables, text, streams: false, out _);
                text.Append('\n');
            }

            return text.ToString();
        }
    }

    public override void Run(void** arguments, nint count)
    {
        var rest = count & (_step - 1);
        var whole = count - rest;
        if (whole > 0)
        {
            if (Volatile.Read(ref _stepsUntilUnrolled) > 0)
            {
                Count(whole / _step);
            }

            RunSteps(Code, arguments, 0, whole);
        }

        if (rest > 0)
        {
            if (whole > 0 && !_rest.OutputsTouchInputs(arguments, count))
            {
                RunSteps(Code, arguments, count - _step, count);
            }
            else
            {
                RunPadded(arguments, whole, (int)rest);
            }
        }

        // The code reads tables at fixed addresses, and lives no longer than its delegates.
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Streams whole lines from where all streamed outputs are aligned. What lies before and after is computed as part of a whole step beside the outputs, and
    /// only what belongs there is copied: a line that is written both around the caches and through them has to be fetched again.
    /// </summary>
    public override void RunStreaming(void** arguments, nint count)
    {
        var head = _streamed.ElementsBeforeAlignment(arguments);
        if (head < 0 || head > _step || count < 4 * _step || _rest.OutputBytes > MaxStackBytes || _rest.OutputsTouchInputs(arguments, count))
        {
            Run(arguments, count);
            return;
        }

        if (head > 0)
        {
            RunEdge(arguments, 0, 0, head);
        }

        var end = head + ((count - head) & -_step);
        RunSteps(Streaming(), arguments, head, end);
        if (end < count)
        {
            RunEdge(arguments, count - _step, end, count);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Compiles loops of several steps at once, if the kernel is to have any; two threads may both do so, and either's is kept.</summary>
    internal void Unroll()
    {
        if (_plan.UnrollsLater)
        {
            Volatile.Write(ref _unrolled, Array.ConvertAll(_plan.PerTile, segment => SimdTarget.Compile(_plan, segment, _tables, streams: false, out _)));
            Volatile.Write(ref _stepsUntilUnrolled, 0);
        }
    }

    /// <summary>Shorter runs than a pass over several steps would gain nothing.</summary>
    private void Count(nint steps)
    {
        if (steps >= _copies && Interlocked.Add(ref _stepsUntilUnrolled, -steps) is <= 0 and var left && left + steps > 0)
        {
            Unroll();
        }
    }

    /// <summary>Computes a step from <paramref name="start"/> on, of which <paramref name="first"/> to before <paramref name="end"/> are wanted.</summary>
    [SkipLocalsInit]
    private void RunEdge(void** arguments, nint start, nint first, nint end)
    {
        var pointers = stackalloc void*[_rest.Count];
        var results = stackalloc byte[_rest.OutputBytes];
        _rest.PlaceOutputs(arguments, start, pointers, results);
        RunSteps(Code, pointers, start, start + _step);
        _rest.CopyOut(arguments, first, (int)(end - first), pointers, first);
    }

    /// <summary>Compiled when it is first wanted; two threads that want it at once may both compile, and the first to be done is kept.</summary>
    private RunSegment[] Streaming()
    {
        if (Volatile.Read(ref _streaming) is { } known)
        {
            return known;
        }

        var compiled = Array.ConvertAll(_plan.PerTile, segment => SimdTarget.Compile(_plan, segment, _tables, streams: true, out _));
        return Interlocked.CompareExchange(ref _streaming, compiled, null) ?? compiled;
    }

    internal static long EstimateCodeBytes(int ilBytes) => MethodOverhead + (ilBytes * 2L);

    [SkipLocalsInit]
    private void RunPadded(void** arguments, nint start, int count)
    {
        if (_rest.Bytes <= MaxStackBytes)
        {
            var pointers = stackalloc void*[_rest.Count];
            var copies = stackalloc byte[_rest.Bytes];
            RunPadded(arguments, start, count, pointers, copies);
        }
        else
        {
            var pointerBytes = _rest.Count * sizeof(void*);
            var memory = ScratchMemory.ForPadding(pointerBytes + _rest.Bytes);
            RunPadded(arguments, start, count, (void**)memory, memory + pointerBytes);
        }
    }

    private void RunPadded(void** arguments, nint start, int count, void** pointers, byte* copies)
    {
        _rest.CopyIn(arguments, start, count, pointers, copies);
        RunSteps(Code, pointers, 0, _step);
        _rest.CopyOut(arguments, start, count, pointers, 0);
    }

    private void RunSteps(RunSegment[] perTile, void** arguments, nint start, nint end)
    {
        if (_isOneSegment)
        {
            perTile[0](arguments, null, start, end);
            return;
        }

        var scratch = ScratchMemory.ForCrossingValues(_plan.ScratchBytes);
        foreach (var segment in _once)
        {
            segment(arguments, scratch, 0, 0);
        }

        for (var tile = start; tile < end; tile += _plan.Tile)
        {
            var tileEnd = nint.Min(tile + _plan.Tile, end);
            foreach (var segment in perTile)
            {
                segment(arguments, scratch, tile, tileEnd);
            }
        }
    }
}
