using System.Collections.Immutable;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
using Fuser.Kernels.Tests.Routines;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Graphs with routines through a device: what the interpreter answers, or its error.</summary>
internal static class RoutineCases
{
    public static TheoryData<string> Operations => new(RecordedRoutine.Operations);

    /// <param name="share">Of how many recordings one is taken: where compiling takes its time.</param>
    public static void ShouldAgree(Accelerator device, string operation, int share = 1)
    {
        foreach (var recorded in RecordedRoutine.Of(operation).Where((_, i) => i % share == 0))
        {
            ShouldAgree(device, recorded.Graph, recorded.Inputs);
        }
    }

    public static void ShouldAgree(Accelerator device, string text, params FuserValue[] inputs)
    {
        ImmutableArray<NdArray> expected;
        try
        {
            expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
        }
        catch (FuserException wanted)
        {
            var error = Should.Throw<FuserException>(() => DevicePrograms.Run(device, GraphText.Parse(text), inputs));
            (error.Code, error.Message).ShouldBe((wanted.Code, wanted.Message));
            return;
        }

        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), expected, text);
    }

    /// <summary>Lookups with indices that are none, before and behind divisions by zero: each with the error of the host, which meets them in order.</summary>
    public static readonly (string Body, NdArray W, NdArray I)[] Wrong =
    [
        ("%y = aten::embedding(%w, %i, %in1, %false, %false)", Programs.Range(6, 5), NdArray.From([1L, 2, 6, 0], 2, 2)),
        ("%y = aten::gather(%w, %i1, %i, %false)", Programs.Range(2, 5), NdArray.From([1L, 2, 3, -1], 2, 2)),
        ("%y = aten::index_select(%w, %i0, %i)", NdArray.From(Array.Empty<float>(), 0, 3), NdArray.From([0L])),
        ("%l : Tensor[] = prim::ListConstruct(%i); %y = aten::index(%w, %l)", Programs.Range(4), NdArray.From([-5L])),
        ("%l : Tensor[] = prim::ListConstruct(%i); %y = aten::index(%w, %l)", Programs.Range(4, 3), NdArray.From([long.MinValue])),
        ("%a = aten::embedding(%w, %i, %in1, %false, %false); %y = aten::mul(%a, %a)", Programs.Range(4, 3), NdArray.From([1L << 62])),
        ("%z = aten::sub(%i, %i, %i1); %d = aten::floor_divide(%i, %z); %j = aten::add(%d, %i4, %i4); %y = aten::index_select(%w, %i0, %j)", Programs.Range(4, 3), NdArray.From([1L, 2])),
        ("%y = aten::index_select(%i, %i0, %i); %z = aten::sub(%y, %y, %i1); %v = aten::floor_divide(%i, %z)", Programs.Range(4, 3), NdArray.From([1L, 2])),
        ("%a = aten::index_select(%i, %i0, %i); %y = aten::index_select(%w, %i0, %a)", Programs.Range(4, 3), NdArray.From([1L, 0, 2, 7])),
    ];

    public static void ShouldNameWhatIsWrong(Accelerator device)
    {
        foreach (var (body, w, i) in Wrong)
        {
            var text = Programs.Text("w i", body, body.Contains("%v =") ? "y v" : "y");
            Should.Throw<InputException>(() => Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, w, i), body);
            ShouldAgree(device, text, w, i);
            ShouldAgree(device, Programs.Text("w i", "%y = aten::index_select(%w, %i0, %i)", "y"), Programs.Range(4, 3), NdArray.From([3L, 0]));
        }
    }
}
