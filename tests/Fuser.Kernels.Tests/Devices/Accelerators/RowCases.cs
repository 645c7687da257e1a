using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Reductions over arrays of every form that a device's kernels tell apart: short, long and split rows, rows and columns, with awkward values among them.</summary>
internal static class RowCases
{
    /// <summary>What is computed of x, over its last axis or all of it.</summary>
    public static readonly (string Name, string Body, string Outputs, DType[] DTypes)[] Operations =
    [
        ("sum", "%axes : int[] = prim::ListConstruct(%in1); %r = aten::sum(%x, %axes, %false, %none)", "r", [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int32, DType.UInt8, DType.Bool]),
        ("sum of all", "%r = aten::sum(%x, %none)", "r", [DType.Float32, DType.Int64, DType.Float16]),
        ("product", "%r = aten::prod(%x, %in1, %false, %none)", "r", [DType.Float32, DType.Float64, DType.Int32]),
        ("mean", "%axes : int[] = prim::ListConstruct(%in1); %r = aten::mean(%x, %axes, %true, %none)", "r", [DType.Float32, DType.BFloat16]),
        ("largest and where", "%r : Tensor, %w : Tensor = aten::max(%x, %in1, %false)", "r w", [DType.Float32, DType.Int32, DType.Float16]),
        ("least and where", "%r : Tensor, %w : Tensor = aten::min(%x, %in1, %false)", "r w", [DType.Float64, DType.Int64, DType.UInt8]),
        ("largest of what is below 0", "%a = aten::abs(%x); %b = aten::neg(%a); %y = aten::sub(%b, %i2, %i1); %axes : int[] = prim::ListConstruct(%in1); %r = aten::amax(%y, %axes, %false)", "r", [DType.Float32, DType.Float64, DType.Int32, DType.Int64]),
        ("least of what is above 0", "%a = aten::abs(%x); %y = aten::add(%a, %i2, %i1); %axes : int[] = prim::ListConstruct(%in1); %r = aten::amin(%y, %axes, %false)", "r", [DType.Float64, DType.Float32, DType.Int64, DType.Int32]),
        ("where of all", "%r = aten::argmax(%x, %none, %false)", "r", [DType.Float32, DType.Int8]),
        ("any and all", "%r = aten::any(%x, %in1, %false); %s = aten::all(%x, %in1, %false)", "r s", [DType.Bool, DType.Float32]),
        ("var and mean", "%axes : int[] = prim::ListConstruct(%in1); %r : Tensor, %m : Tensor = aten::var_mean(%x, %axes, %i1, %false)", "r m", [DType.Float32, DType.Float64]),
        ("var of all", "%r = aten::var(%x, %true)", "r", [DType.Float32]),
        ("softmax", "%r = aten::softmax(%x, %in1, %none)", "r", [DType.Float32, DType.Float16]),
        ("log_softmax", "%r = aten::log_softmax(%x, %in1, %none)", "r", [DType.Float32, DType.Float64]),
        ("softmax and its sum", "%y = aten::mul(%x, %x); %r = aten::softmax(%y, %in1, %none); %axes : int[] = prim::ListConstruct(%in1); %s = aten::sum(%r, %axes, %false, %none)", "r s", [DType.Float32]),
        ("six at once", "%axes : int[] = prim::ListConstruct(%in1); %q = aten::mul(%x, %x); %a = aten::sum(%x, %axes, %false, %none); %b = aten::sum(%q, %axes, %false, %none); %c = aten::prod(%x, %in1, %false, %none); %d = aten::amax(%x, %axes, %false); %e = aten::amin(%x, %axes, %false); %f = aten::amax(%q, %axes, %false)", "a b c d e f", [DType.Float32, DType.Float64, DType.Int32]),
        ("layer_norm", "%c = aten::size(%x, %in1); %axes : int[] = prim::ListConstruct(%c); %e : float = prim::Constant[value=0.](); %r, %m, %s = aten::native_layer_norm(%x, %axes, %none, %none, %e)", "r m s", [DType.Float32, DType.Float16, DType.Float64]),
        ("norm", "%axes : int[] = prim::ListConstruct(%in1); %r = aten::norm(%x, %i2, %axes, %false)", "r", [DType.Float32, DType.BFloat16]),
        ("rms", "%c = aten::size(%x, %in1); %axes : int[] = prim::ListConstruct(%c); %r = aten::rms_norm(%x, %axes, %none, %none)", "r", [DType.Float32, DType.BFloat16]),
    ];

    /// <summary>Shapes, and whether the last axis lies across memory.</summary>
    public static readonly (long[] Shape, bool IsTransposed)[] Shapes =
    [
        ([3, 1], false), ([5, 7], false), ([2, 8], false), ([70, 9], false), ([4, 31], false), ([3, 33], false), ([300, 20], false), ([2, 257], false),
        ([3, 1000], false), ([1, 1025], false), ([2, 2056], false), ([2, 4097], false), ([9], false), ([1], false), ([20, 40], true), ([64, 300], true), ([33, 2000], true),
    ];

    /// <summary>Shapes whose rows are cut into chunks by every device of the tests.</summary>
    public static readonly (long[] Shape, bool IsTransposed)[] Split = [([70_000], false), ([2, 40_001], false), ([17, 9_000], true)];

    private static NdArray Input(int seed, DType dtype, long[] shape, bool isTransposed) => RandomArrays.Create(new Random(seed), dtype, Layout(shape, isTransposed));

    public static TensorLayout Layout(long[] shape, bool isTransposed) => isTransposed ? new TensorLayout([.. shape], [1, shape[0]], 0) : TensorLayout.Contiguous([.. shape]);

    public static string Text(string body, string outputs) => Programs.Text("x", body, outputs);

    private static void ShouldAgree(Accelerator device, string body, string outputs, NdArray x, string what, Func<RowForm, RowForm>? change)
    {
        var text = Text(body, outputs);
        FuserValue[] inputs = [x];
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs, change: change), expected, $"{what} of {x.DType.DisplayName()} {x.Layout}");
    }

    public static void ShouldAgree(Accelerator device, string name, DType dtype, long[] shape, bool isTransposed)
    {
        var (_, body, outputs, _) = Operations.First(operation => operation.Name == name);
        ShouldAgree(device, body, outputs, Input(1, dtype, shape, isTransposed), name, change: null);
    }

    /// <param name="share">Of how many shapes one is taken, another one for each operation: where compiling takes its time.</param>
    /// <param name="change">What to make of the forms; null leaves them.</param>
    public static void ShouldAgree(Accelerator device, string name, int share = 1, Func<RowForm, RowForm>? change = null)
    {
        var number = Array.FindIndex(Operations, operation => operation.Name == name);
        var (_, body, outputs, dtypes) = Operations[number];
        var all = Shapes.Concat(Split).ToArray();
        for (var i = number % share; i < all.Length; i += share)
        {
            ShouldAgree(device, body, outputs, Input(i, dtypes[i % dtypes.Length], all[i].Shape, all[i].IsTransposed), name, change);
        }
    }

    public static TheoryData<string> Names => new(Operations.Select(operation => operation.Name));
}
