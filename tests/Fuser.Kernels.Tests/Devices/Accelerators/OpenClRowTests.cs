using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
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

    [OpenClFact]
    public void Without_float64_rows_are_reduced_on_the_host_between_the_devices_kernels()
    {
        var device = OpenClOnThisMachine.DeviceWithoutDoubles();
        var text = RowCases.Text("%axes : int[] = prim::ListConstruct(%in1); %s = aten::sum(%x, %axes, %true, %none); %y = aten::mul(%x, %s)", "y s");
        FuserValue[] inputs = [Programs.Range(30, 70)];
        var plan = Programs.Plan(text, inputs);
        var prepared = DevicePrograms.Compile(device, plan).Plan;
        prepared.HostSteps.ShouldHaveSingleItem().ShouldNotBeNull().Reason.ShouldContain("float64");
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), expected, text);
    }
}
