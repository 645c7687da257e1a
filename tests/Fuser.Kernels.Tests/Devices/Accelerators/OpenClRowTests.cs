using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.OpenCl;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Kernels with reductions on an OpenCL device, walked as a GPU's are: the interpreter's bits. On a processor they are the host's.</summary>
public sealed class OpenClRowTests
{
    public static TheoryData<string> Names => RowCases.Names;

    [OpenClTheory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_gpu(string name) => RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: true), name, share: 4);

    /// <summary>Forms that devices would take for arrays of other sizes: each has to be right for any size.</summary>
    [OpenClTheory]
    [InlineData(1, 64, false, true)]
    [InlineData(1, 64, true, true)]
    [InlineData(32, 64, true, true)]
    [InlineData(64, 64, false, true)]
    public void Any_form_gives_the_interpreters_bits(int lanes, int groupSize, bool isSplit, bool isWide)
    {
        foreach (var name in new[] { "sum", "largest and where", "softmax and its sum", "six at once" })
        {
            RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: true), name, share: 6, form => form with { Lanes = lanes, GroupSize = groupSize, IsSplit = isSplit, IsWide = isWide });
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

    [OpenClFact]
    public void On_a_processor_rows_are_reduced_by_the_hosts_kernels_in_place()
    {
        var calls = new RecordingOpenCl(new OpenClNative());
        var device = OpenClOnThisMachine.DeviceWith(BinaryStore.None, calls);
        var text = RowCases.Text("%axes : int[] = prim::ListConstruct(%in1); %p = aten::mul(%x, %x); %s = aten::sum(%p, %axes, %true, %none); %e = aten::cumsum(%s, %i0, %none); %y = aten::mul(%e, %i3)", "s y");
        FuserValue[] inputs = [Programs.Range(3000, 70)];
        DevicePrograms.Compile(device, Programs.Plan(text, inputs)).Plan.HostSteps.ShouldContain(step => step != null && step.Reason.Contains("the device is a processor"));
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), expected, text);
        calls.Names.ShouldContain("EnqueueMapBuffer");
        calls.Names.ShouldContain("EnqueueKernel");
        calls.Names.ShouldNotContain("EnqueueReadBuffer");
        calls.Names.ShouldNotContain("EnqueueWriteBuffer");
        calls.Names.Count(name => name == "EnqueueUnmapMemObject").ShouldBe(calls.Names.Count(name => name == "EnqueueMapBuffer"));
    }
}
