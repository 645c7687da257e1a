using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>Numbers that become elements: what PyTorch refuses is refused, written in the graph or given at the call.</summary>
public sealed class NumberRangeTests
{
    private const string Full = "%size : int[] = prim::ListConstruct(%i2); %dtype : int = prim::Constant[value=CODE](); %y : Tensor = aten::full(%size, %n, %dtype, %none, %none, %none)";

    private static readonly NdArray Bytes = NdArray.From([(byte)1, (byte)200]);
    private static readonly NdArray Halves = NdArray.From([(Half)1, (Half)200]);

    public static TheoryData<string, string, bool> Numbers => new()
    {
        { "uint8", "300", false }, { "uint8", "255", true }, { "uint8", "-255", true }, { "uint8", "-256", false }, { "uint8", "-1.0", false }, { "uint8", "254.5", true },
        { "int8", "-129", false }, { "int8", "-128", true }, { "int16", "32768", false }, { "int32", "2147483648", false }, { "int32", "1e10", false }, { "int32", "nan", false },
        { "int32", "3.75", true }, { "float16", "70000", false }, { "float16", "inf", true }, { "float16", "65504", true }, { "bfloat16", "3.4e38", false }, { "float32", "1e39", false },
        { "float32", "nan", true }, { "bool", "300", true }, { "int64", "9223372036854775807", true }, { "int64", "9.3e18", false }, { "float64", "1e300", true },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_tensor_is_filled_with_what_its_dtype_holds(string dtype, string number, bool isHeld)
    {
        var code = Enum.Parse<DType>(dtype, ignoreCase: true).TorchCode();
        var type = number.AsSpan().ContainsAny(".enf") ? "float" : "int";
        var literal = $"%n : {type} = prim::Constant[value={(type == "float" && !number.AsSpan().ContainsAny("nf.e") ? number + "." : number)}]()";
        Check(() => Programs.Run(Programs.Text("", $"{literal}; {Full.Replace("CODE", $"{code}")}", "y")), isHeld);
        if (Enum.Parse<DType>(dtype, ignoreCase: true) is DType.UInt8 or DType.Int8 or DType.Int16 or DType.Int32)
        {
            FuserValue given = type == "int" ? (FuserValue)long.Parse(number) : double.Parse(number.Replace("nan", "NaN"));
            Check(() => Programs.Run(Programs.Text($"n:{type}", Full.Replace("CODE", $"{code}"), "y"), given), isHeld);
        }
    }

    [Theory]
    [InlineData("%y = aten::clamp(%x, %i0, %big)")]
    [InlineData("%y = aten::clamp(%x, %none, %big)")]
    [InlineData("%y = aten::clip(%x, %low, %none)")]
    [InlineData("%y = aten::clamp_min(%x, %low)")]
    [InlineData("%y = aten::clamp_max(%x, %big)")]
    [InlineData("%y = aten::hardtanh(%x, %i0, %big)")]
    [InlineData("%y = aten::threshold(%x, %i3, %big)")]
    [InlineData("%m = aten::gt(%x, %i3); %y = aten::masked_fill(%x, %m, %big)")]
    [InlineData("%y = aten::full_like(%x, %big, %none, %none, %none, %none, %none)")]
    [InlineData("%s : int[] = prim::ListConstruct(%i2); %y = aten::new_full(%x, %s, %big, %none, %none, %none, %none)")]
    [InlineData("%s : int[] = prim::ListConstruct(%i1, %i1); %y = aten::constant_pad_nd(%x, %s, %big)")]
    public void Bounds_and_fill_values_are_checked_wherever_they_come_from(string body)
    {
        const string literals = "%big : int = prim::Constant[value=300](); %low : int = prim::Constant[value=-300](); ";
        Check(() => Programs.Run(Programs.Text("x", literals + body, "y"), Bytes), isHeld: false);
        Check(() => Programs.Run(Programs.Text("x big:int low:int", body, "y"), Bytes, 300L, -300L), isHeld: false);
        Check(() => Programs.Run(Programs.Text("x big:int low:int", body, "y"), Bytes, 100L, 0L), isHeld: true);
        Check(() => Programs.Run(Programs.Text("x", literals.Replace("300", "70000") + body.Replace("%i0", "%low"), "y"), Halves), isHeld: false);
    }

    private static void Check(Action run, bool isHeld)
    {
        if (isHeld)
        {
            Should.NotThrow(run);
            return;
        }

        var error = Should.Throw<GraphException>(run);
        error.Code.ShouldBe(ErrorCodes.OperationArgument);
        error.Message.ShouldContain("wanted a number that");
        error.Line.ShouldBeGreaterThan(0);
    }
}
