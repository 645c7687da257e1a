using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.OpenCl;

namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>A device of an OpenCL driver.</summary>
/// <param name="roundsDivision">Whether the driver can round division and square root correctly. If not, what it does is for the exactness probe to find out.</param>
internal sealed class OpenClAccelerator(string name, IOpenClApi api, nint device, DeviceLimits limits, bool roundsDivision, BinaryStore store) : Accelerator(name, limits)
{
    public override string TargetName => "opencl";

    public override bool UsesVectors => Form == OpenClForm.GridStride;

    /// <summary>The driver's handle.</summary>
    public nint Handle => device;

    /// <summary>How kernels walk; tests have a processor walk like a GPU.</summary>
    public OpenClForm Form { get; init; } = limits.IsProcessor ? OpenClForm.OneElement : OpenClForm.GridStride;

    public override ElementCode Print(KernelIr ir, LaunchForm form) => OpenClPrinter.Print(ir, form, Form, Limits.GroupSize);

    public override RowCode Print(RowProgram program, RowPass pass) => OpenClRowPrinter.Print(program, pass);

    public override WrittenCode Print(WrittenKernel kernel) => OpenClKernelWriter.Write(kernel, Form);

    protected override DeviceSession CreateSession() => new OpenClSession(this, api, device, roundsDivision, store);
}
