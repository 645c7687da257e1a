using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Work items of a GPU that share a row take several elements at once where these lie well, and the bits stay those of the fixed tree.</summary>
public sealed class RowWidthTests
{
    private const string Body = "%q = aten::mul(%x, %x); %axes : int[] = prim::ListConstruct(%in1); %s = aten::sum(%q, %axes, %true, %none); %r = aten::div(%x, %s)";

    /// <summary>The stand-in stops at an access that is not aligned to its size.</summary>
    [Theory]
    [InlineData(0, 1000, 1000, true)]
    [InlineData(4, 1004, 1000, true)]
    [InlineData(8, 2052, 2048, true)]
    [InlineData(1, 1004, 1000, false)]
    [InlineData(0, 1001, 1000, false)]
    [InlineData(0, 1004, 1002, false)]
    public void Accesses_are_wide_where_rows_begin_and_end_at_multiples_of_them(int offset, int step, int length, bool isWide)
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        var memory = NdArray.From([.. Enumerable.Range(0, step * 3).Select(i => (float)Math.Sin(i))], 3, step);
        var text = Programs.Text("m", $"%from : int = prim::Constant[value={offset}](); %to : int = prim::Constant[value={offset + length}](); %x = aten::slice(%m, %in1, %from, %to, %i1); {Body}", "r s");
        FuserValue[] inputs = [memory];
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs), text);
        var listing = string.Concat(DevicePrograms.Compile(device, Programs.Plan(text, inputs)).Kernels.Select(kernel => kernel.Listing));
        (listing.Contains("ld.global.nc.v4.f32", StringComparison.Ordinal), listing.Contains("st.global.v4.f32", StringComparison.Ordinal)).ShouldBe((isWide, isWide));
    }

    [Theory]
    [InlineData(DType.Float64, "v2.f64")]
    [InlineData(DType.Float32, "v4.f32")]
    [InlineData(DType.Float16, "v4.u16")]
    [InlineData(DType.Int64, "v2.b64")]
    [InlineData(DType.Int32, "v4.b32")]
    [InlineData(DType.UInt8, "v4.u8")]
    [InlineData(DType.Bool, "v4.u8")]
    public void The_widest_type_says_how_many_elements_are_taken_at_once(DType dtype, string access)
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        var text = RowCases.Text("%axes : int[] = prim::ListConstruct(%in1); %r = aten::sum(%x, %axes, %false, %none); %m = aten::amax(%x, %axes, %false); %b = aten::any(%x, %in1, %false)", "r m b");
        foreach (long[] shape in new long[][] { [3, 2056], [5, 40], [70_000] })
        {
            FuserValue[] inputs = [RandomArrays.Create(new Random(3), dtype, TensorLayout.Contiguous([.. shape]))];
            Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs), $"{dtype} {shape.Length}");
            DevicePrograms.Compile(device, Programs.Plan(text, inputs)).Kernels[0].Listing.ShouldContain($"ld.global.nc.{access}");
        }
    }

    /// <summary>Rows of several pieces, which do not lie behind each other; what else a kernel reads is once per row, or the same for every row, or an index.</summary>
    [Fact]
    public void Rows_of_several_pieces_are_taken_at_once_too()
    {
        var text = RowCases.Text("%length : int = prim::Constant[value=40](); %v = aten::slice(%x, %in1, %i0, %length, %i1); %axes : int[] = prim::ListConstruct(%i1, %i2); %m = aten::amax(%v, %axes, %true); %d = aten::sub(%v, %m, %i1); %s = aten::sum(%d, %axes, %false, %none); %w = aten::argmax(%v, %none, %false)", "s w");
        FuserValue[] inputs = [RandomArrays.Create(new Random(5), DType.Float32, TensorLayout.Contiguous([4, 6, 48]))];
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), expected, text);
        string.Concat(DevicePrograms.Compile(device, Programs.Plan(text, inputs)).Kernels.Select(kernel => kernel.Listing)).ShouldContain("ld.global.nc.v4.f32");
    }

    [OpenClTheory]
    [InlineData("softmax", DType.Float16)]
    [InlineData("largest and where", DType.Int32)]
    [InlineData("six at once", DType.Float64)]
    [InlineData("any and all", DType.Bool)]
    public void So_it_is_in_OpenCL(string name, DType dtype)
    {
        RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: true), name, dtype, [3, 2056], isTransposed: false);
        RowCases.ShouldAgree(OpenClAgreement.Device(likeGpu: true), name, dtype, [33_000], isTransposed: false);
    }
}
