using System.Diagnostics;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets.Simd.Combining;
using Fuser.Kernels.Targets.Simd.Emission;
using Fuser.Kernels.Targets.Simd.Lanes;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>
/// The default target: IL over the runtime's vector types, compiled by its JIT compiler. Needs no compiler installed and no
/// processor in particular; the width decides the speed, never the bits.
/// </summary>
internal sealed class SimdTarget : IKernelTarget
{
    private readonly LaneIsa _isa;

    public SimdTarget(SimdWidth width)
    {
        Width = width;
        _isa = LaneIsa.Of(width);
        Fingerprint = $"simd/{width.Bits()}";
    }

    /// <summary>The target for the widest vectors of this machine.</summary>
    public static SimdTarget Best { get; } = new(SimdWidths.Best);

    public SimdWidth Width { get; }

    public string Name => "simd";

    public string Fingerprint { get; }

    public Combiner Combiner(ReductionKind kind, IrType type) => VectorCombiners.Of(kind, type);

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {kernel.Name}: this runtime cannot compile code at run time; use the interpreter target.");
        }

        var started = Stopwatch.GetTimestamp();
        var plan = new KernelPlan(new KernelLayout(kernel, _isa));
        var tables = new ConstantTables(kernel);
        var codeBytes = 0L;
        try
        {
            var once = Array.ConvertAll(plan.Once, Compiled);
            var perTile = Array.ConvertAll(plan.First, Compiled);
            return new SimdKernel(plan, tables, once, perTile, codeBytes, Stopwatch.GetElapsedTime(started));
        }
        catch (InvalidProgramException exception)
        {
            throw new CompileException(ErrorCodes.CompileFailed, $"kernel {kernel.Name} ({kernel.Nodes.Length} nodes, {Fingerprint}): the JIT compiler refused the generated code. This is a bug; report it with the kernel's IR.\n{kernel}", exception);
        }

        RunSegment Compiled(Segment segment)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var code = Compile(plan, segment, tables, streams: false, out var length);

            // With what a longer form will take later.
            codeBytes += SimdKernel.EstimateCodeBytes(plan.UnrollsLater ? length * (plan.PerTile[0].Copies + 2) : length);
            return code;
        }
    }

    /// <summary>Code of one segment, ready to run.</summary>
    internal static RunSegment Compile(KernelPlan plan, Segment segment, ConstantTables tables, bool streams, out int length)
    {
        var method = Emit(plan, segment, tables, null, streams, out length);

        // The first call runs the JIT compiler. Such methods are optimised at once and never compiled again.
        var code = method.CreateDelegate<RunSegment>(tables);
        unsafe
        {
            code(null, null, 0, 0);
        }

        return code;
    }

    /// <summary>Writes the IL of a segment; with a listing, as text too.</summary>
    internal static DynamicMethod Emit(KernelPlan plan, Segment segment, ConstantTables tables, StringBuilder? listing, bool streams, out int length)
    {
        var method = new DynamicMethod(plan.Layout.Ir.Name, typeof(void), SegmentCode.Parameters, typeof(SimdTarget).Module, skipVisibility: true) { InitLocals = false };
        var writer = new IlWriter(method.GetILGenerator(4096), listing);
        new SegmentEmitter(writer, plan, segment, tables, streams).Emit();
        length = writer.Length;
        return method;
    }
}
