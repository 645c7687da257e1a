using System.Collections.Immutable;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>A kernel with reductions on a device: one program that takes whole rows, or several that take turns with chunks of them.</summary>
internal sealed class DeviceRowKernel(RowProgram rows, ImmutableArray<DeviceProgram> passes, TimeSpan compileTime) : CompiledKernel(compileTime)
{
    public RowProgram Rows { get; } = rows;

    /// <summary>One per pass of <see cref="Rows"/>.</summary>
    public ImmutableArray<DeviceProgram> Passes { get; } = passes;

    public override int NodeCount => Rows.Source.NodeCount;

    public override string Listing => string.Join('\n', Passes.Select(pass => pass.Code.Text));

    public override long CodeBytes => Passes.Sum(pass => pass.Bytes);

    public override void Retire()
    {
        foreach (var pass in Passes)
        {
            pass.Retire();
        }
    }
}
