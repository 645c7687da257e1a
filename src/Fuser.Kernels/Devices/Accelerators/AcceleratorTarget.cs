using System.Collections.Immutable;
using System.Diagnostics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Compiles kernels for a device, in one form of launch or of rows. Groups with reductions are compiled for the host, and run there between the device's kernels, where the device does not compute with
/// float64, in which sums of float32 are made, and where it is a processor: of rows its drivers make no vectors (a sum over columns was measured to take ten times what the host takes).
/// </summary>
internal sealed class AcceleratorTarget : IKernelTarget
{
    private readonly Accelerator _accelerator;
    private readonly LaunchForm _form;
    private readonly RowForm _rows;

    public AcceleratorTarget(Accelerator accelerator, LaunchForm form) : this(accelerator, form, default, form.ToString())
    {
    }

    public AcceleratorTarget(Accelerator accelerator, RowForm rows) : this(accelerator, LaunchForm.Plain, rows, rows.ToString())
    {
    }

    private AcceleratorTarget(Accelerator accelerator, LaunchForm form, RowForm rows, string text)
    {
        (_accelerator, _form, _rows) = (accelerator, form, rows);
        Fingerprint = $"{accelerator.TargetName}/{accelerator.Name}/{text}";
    }

    public string Name => _accelerator.TargetName;

    public string Fingerprint { get; }

    /// <summary>Nothing: a device would need memory for every element of every row.</summary>
    public bool KeepsBetweenSweeps => false;

    public IKernelTarget For(FusionGroup group) => !group.Domain.HasReductions ? new AcceleratorTarget(_accelerator, LaunchForm.Of(group, LoopNest.Of(group), _accelerator.UsesVectors))
        : !_accelerator.UsesVectors ? new HostTarget(SimdTarget.Best, "it reduces, and the device is a processor, on which the host's own kernel takes less")
        : !_accelerator.Limits.HasDoubles ? new HostTarget(SimdTarget.Best, "it reduces, sums are made in float64, and the device does not compute with that")
        : new AcceleratorTarget(_accelerator, _accelerator.RowFormOf(group, RowNest.Of(group)));

    /// <summary>What takes the place of a target of the device whose kernel was refused.</summary>
    /// <param name="reason">What the device or its driver said.</param>
    public static IKernelTarget Instead(string reason) => new HostTarget(SimdTarget.Best, $"the device does not take its kernel: {reason}");

    /// <summary>How a group's kernel is launched, in words.</summary>
    public string Describe(Specialisation specialisation)
    {
        if (specialisation.Rows is not { } nest)
        {
            return $"form {_form}: a work item takes {(_form.Width > 1 ? $"{_form.Width} elements at once" : "one element at a time")}";
        }

        var each = $"{(_rows.Lanes > 1 ? $"{_rows.Lanes} work items" : "a work item")}{(_rows.Width > 1 ? $", with {_rows.Width} elements at once," : "")}";
        if (!_rows.IsSplit)
        {
            return $"form {_rows}: {each} for every row";
        }

        var chunk = _rows.ChunkOf(nest, _accelerator.Limits.Units);
        return $"form {_rows}: rows are cut into {(nest.Elements.Count + chunk - 1) / chunk} chunks of {chunk} elements, {each} for every chunk; each sweep is a pass over the chunks, and one that combines them";
    }

    public Combiner Combiner(ReductionKind kind, IrType type) =>
        throw new InternalFuserException(ErrorCodes.Internal, $"device {_accelerator.Name} was asked for a {kind} of {type.Text()}; its kernels combine by themselves");

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var code = _accelerator.Print(kernel, _form);
        if (!_accelerator.Limits.HasDoubles && kernel.Nodes.Any(node => node.Type == IrType.Float64))
        {
            throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {kernel.Name} computes with float64, which device {_accelerator.Name} ({_accelerator.Limits.Name}) does not; run it on cpu, or use float32 throughout");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var program = DeviceProgram.Compile(_accelerator, code);
        return new DeviceKernel(_accelerator, code, program, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Compiles kernels that are run once, at once.</summary>
    public ImmutableArray<ElementwiseKernel> CompileOnce(IEnumerable<KernelIr> kernels)
    {
        var started = Stopwatch.GetTimestamp();
        var codes = ImmutableArray.CreateRange(kernels.Select(kernel => _accelerator.Print(kernel, _form)));
        var programs = DeviceProgram.CompileOnce(_accelerator, ImmutableArray<DeviceCode>.CastUp(codes));
        var time = Stopwatch.GetElapsedTime(started);
        return ImmutableArray.CreateRange<ElementwiseKernel>(codes.Zip(programs, (code, program) => new DeviceKernel(_accelerator, code, program, time)));
    }

    public CompiledKernel CompileStages(StagedKernelIr stages, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var rows = RowProgram.Of(stages, _rows);
        var passes = ImmutableArray.CreateBuilder<DeviceProgram>(rows.Passes.Length);
        try
        {
            foreach (var pass in rows.Passes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                passes.Add(DeviceProgram.Compile(_accelerator, _accelerator.Print(rows, pass)));
            }
        }
        catch
        {
            foreach (var pass in passes)
            {
                pass.Retire();
            }

            throw;
        }

        return new DeviceRowKernel(rows, passes.MoveToImmutable(), Stopwatch.GetElapsedTime(started));
    }
}
