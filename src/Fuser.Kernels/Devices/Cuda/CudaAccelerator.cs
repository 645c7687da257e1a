using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Ptx;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>A device of NVIDIA's driver.</summary>
/// <param name="hasPools">Whether the driver keeps freed memory for later allocations by itself.</param>
internal sealed class CudaAccelerator(string name, ICudaApi api, int device, DeviceLimits limits, bool hasPools, BinaryStore store) : Accelerator(name, limits)
{
    public override string TargetName => "ptx";

    public override bool UsesVectors => true;

    public override ElementCode Print(KernelIr ir, LaunchForm form) => PtxPrinter.Print(ir, form);

    public override RowCode Print(RowProgram program, RowPass pass) => PtxRowPrinter.Print(program, pass);

    public override WrittenCode Print(WrittenKernel kernel) => PtxKernelWriter.Write(kernel);

    protected override DeviceSession CreateSession() => new CudaSession(this, api, device, hasPools, store);
}
