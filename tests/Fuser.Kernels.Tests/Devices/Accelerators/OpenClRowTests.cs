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

    /// <summary>Seventy columns are more than a group and less than two: groups have chunks of two lengths, and all their work items have to come to every barrier.</summary>
    [OpenClTheory]
    [InlineData("sum")]
    [InlineData("softmax")]
    public void Chunks_of_columns_that_share_a_group_may_have_different_lengths(string name) =>
        RowCases.ShouldAgree(OpenClOnThisMachine.Device, name, DType.Float32, [70, 17_001], isTransposed: true);

    /// <summary>Forms that devices would take for arrays of other sizes: each has to be right for any size.</summary>
    [OpenClTheory]
    [InlineData(1, 64, false, true, false)]
    [InlineData(1, 64, true, true, true)]
    [InlineData(32, 64, true, true, false)]
    [InlineData(64, 64, false, true, false)]
    public void Any_form_gives_the_interpreters_bits(int lanes, int groupSize, bool isSplit, bool isWide, bool isInStep)
    {
        foreach (var name in new[] { "sum", "largest and where", "softmax and its sum", "six at once" })
        {
            RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: lanes > 1), name, share: 6, form => form with { Lanes = lanes, GroupSize = groupSize, IsSplit = isSplit, IsWide = isWide, IsInStep = isInStep });
        }
    }

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
