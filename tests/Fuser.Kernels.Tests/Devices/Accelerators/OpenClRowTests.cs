using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Kernels with reductions on an OpenCL device, walked as a processor's are and as a GPU's are: the interpreter's bits.</summary>
public sealed class OpenClRowTests
{
    public static TheoryData<string> Names => RowCases.Names;

    [OpenClTheory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_processor(string name) => RowCases.AllShouldAgree(OpenClOnThisMachine.Device, RowCases.Shapes.Concat(RowCases.Split), chosen => chosen == name);

    [OpenClTheory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_gpu(string name) => RowCases.AllShouldAgree(OpenClAgreement.Device(likeGpu: true), RowCases.Shapes.Concat(RowCases.Split), chosen => chosen == name);
}
