using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Kernels with reductions on an OpenCL device, walked as a processor's are and as a GPU's are: the interpreter's bits.</summary>
public sealed class OpenClRowTests
{
    public static TheoryData<string> Names => RowCases.Names;

    [OpenClTheory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_processor(string name) => RowCases.ShouldAgree(OpenClOnThisMachine.Device, name, share: 4);

    [OpenClTheory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_gpu(string name) => RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: true), name, share: 4);
}
