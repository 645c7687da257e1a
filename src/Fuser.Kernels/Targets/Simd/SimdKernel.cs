using System.Text;
using Fuser.Kernels.Targets.Simd.Emission;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>
/// A kernel as machine code. The code covers whole steps; a rest is covered by the same code, either by running the last whole
/// step's worth of elements a second time or over copies of them, so there is no second way to compute anything.
/// </summary>
internal sealed unsafe class SimdKernel : ElementwiseKernel
{
    private const int MethodOverhead = 4096;
    private const int MaxStackBytes = 8192;

    private readonly KernelPlan _plan;
    private readonly ConstantTables _tables;
    private readonly RunSegment[] _once;
    private readonly RunSegment[] _perTile;
    private readonly RunSegment? _only;
    private readonly int _step;
    private readonly RestOfRun _rest;

    public SimdKernel(KernelPlan plan, ConstantTables tables, RunSegment[] once, RunSegment[] perTile, long codeBytes, TimeSpan compileTime)
        : base(plan.Layout.Ir, compileTime)
    {
        _plan = plan;
        _tables = tables;
        _once = once;
        _perTile = perTile;
        _only = once.Length == 0 && perTile.Length == 1 ? perTile[0] : null;
        _step = plan.Stride;
        _rest = new RestOfRun(Ir.Arguments, _step);
        CodeBytes = codeBytes + tables.Bytes;
    }

    public override long CodeBytes { get; }

    public override string Listing
    {
        get
        {
            var text = new StringBuilder();
            foreach (var segment in _plan.Once.Concat(_plan.PerTile))
            {
                SimdTarget.Emit(_plan, segment, _tables, text, out _);
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
            RunSteps(arguments, 0, whole);
        }

        if (rest > 0)
        {
            if (whole > 0 && !_rest.OutputsTouchInputs(arguments, count))
            {
                RunSteps(arguments, count - _step, count);
            }
            else
            {
                RunPadded(arguments, whole, (int)rest);
            }
        }

        // The code reads tables at fixed addresses, and lives no longer than its delegates.
        GC.KeepAlive(this);
    }

    internal static long EstimateCodeBytes(int ilBytes) => MethodOverhead + (ilBytes * 2L);

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
        RunSteps(pointers, 0, _step);
        _rest.CopyOut(arguments, start, count, pointers);
    }

    private void RunSteps(void** arguments, nint start, nint end)
    {
        if (_only is not null)
        {
            _only(arguments, null, start, end);
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
            foreach (var segment in _perTile)
            {
                segment(arguments, scratch, tile, tileEnd);
            }
        }
    }
}
