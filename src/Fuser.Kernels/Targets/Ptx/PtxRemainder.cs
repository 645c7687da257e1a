using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>
/// C's fmod of floats, for which there is no instruction: long division of the mantissas as integers, several bits at a time, so every step is exact. The remainder
/// has few enough bits to be put together again without rounding.
/// </summary>
internal static class PtxRemainder
{
    /// <summary>How the type is laid out, and how many bits fit a step: mantissa and step together stay within 64.</summary>
    private sealed record Layout(IrType Integer, int Width, int FractionBits, long Sign, long Infinity, long NaN, int Step)
    {
        public long Fraction => (1L << FractionBits) - 1;

        public long Hidden => 1L << FractionBits;
    }

    private static readonly Layout Narrow = new(IrType.Int32, 32, 23, 0x80000000, 0x7f800000, 0x7fc00000, 40);
    private static readonly Layout Wide = new(IrType.Int64, 64, 52, long.MinValue, 0x7ff0000000000000, 0x7ff8000000000000, 11);

    public static string Emit(PtxWriter writer, IrType type, string x, string y)
    {
        var layout = type == IrType.Float32 ? Narrow : Wide;
        var (integer, width) = (layout.Integer, layout.Width);
        var result = writer.New(integer);
        var done = writer.Label();
        var bitsOfX = writer.Emit($"mov.b{width}", integer, x);
        var sign = Op("and.b", bitsOfX, Hex(layout.Sign));
        var ux = Op("and.b", bitsOfX, Hex(~layout.Sign));
        var uy = Op("and.b", writer.Emit($"mov.b{width}", integer, y), Hex(~layout.Sign));

        // Zero divisors, NaN, and infinite dividends have no remainder; a dividend below the divisor is its own.
        writer.Emit($"mov.b{width} {result}, {Hex(layout.NaN)}");
        BranchIf("eq.s", uy, "0");
        BranchIf("gt.u", uy, Hex(layout.Infinity));
        BranchIf("ge.u", ux, Hex(layout.Infinity));
        writer.Emit($"mov.b{width} {result}, {bitsOfX}");
        BranchIf("lt.u", ux, uy);

        var (ex, ey) = (Exponent(ux), Exponent(uy));
        var (mx, my) = (Mantissa(ux), Mantissa(uy));
        var rest = writer.Emit("rem.u64", IrType.Int64, $"{mx}, {my}");
        var left = writer.Emit("sub.s32", IrType.Int32, $"{ex}, {ey}");
        var (again, over) = (writer.Label(), writer.Label());
        writer.Place(again);
        var isOver = writer.New(IrType.Bool);
        writer.Emit($"setp.le.s32 {isOver}, {left}, 0");
        writer.Emit($"@{isOver} bra {over}");
        var step = writer.Emit("min.s32", IrType.Int32, $"{left}, {layout.Step}");
        writer.Emit($"shl.b64 {rest}, {rest}, {step}");
        writer.Emit($"rem.u64 {rest}, {rest}, {my}");
        writer.Emit($"sub.s32 {left}, {left}, {step}");
        writer.Emit($"bra {again}");
        writer.Place(over);

        writer.Emit($"mov.b{width} {result}, {sign}");
        BranchIf("eq.s", rest, "0", 64);

        // The leading bit goes where the hidden bit belongs, or as near as the exponent allows.
        var zeros = writer.Emit("clz.b64", IrType.Int32, rest);
        var shift = writer.Emit("add.s32", IrType.Int32, $"{zeros}, {layout.FractionBits - 63}");
        var room = writer.Emit("add.s32", IrType.Int32, $"{ey}, -1");
        shift = writer.Emit("min.s32", IrType.Int32, $"{shift}, {room}");
        var exponent = writer.Emit("cvt.s64.s32", IrType.Int64, writer.Emit("sub.s32", IrType.Int32, $"{room}, {shift}"));
        var shifted = writer.Emit("shl.b64", IrType.Int64, $"{rest}, {shift}");
        var whole = writer.Emit("add.s64", IrType.Int64, $"{shifted}, {writer.Emit("shl.b64", IrType.Int64, $"{exponent}, {layout.FractionBits}")}");
        writer.Emit($"or.b{width} {result}, {sign}, {(width == 32 ? writer.Emit("cvt.u32.u64", IrType.Int32, whole) : whole)}");
        writer.Place(done);
        return writer.Emit($"mov.b{width}", type, result);

        string Op(string op, string a, string b) => writer.Emit($"{op}{width}", integer, $"{a}, {b}");

        string Hex(long value) => width == 32 ? $"0x{(uint)value:x8}" : $"0x{value:x16}";

        void BranchIf(string comparison, string a, string b, int? bits = null)
        {
            var holds = writer.New(IrType.Bool);
            writer.Emit($"setp.{comparison}{bits ?? width} {holds}, {a}, {b}");
            writer.Emit($"@{holds} bra {done}");
        }

        string Exponent(string bits)
        {
            var biased = Op("shr.u", bits, layout.FractionBits.ToString());
            return writer.Emit("max.s32", IrType.Int32, $"{(width == 32 ? biased : writer.Emit("cvt.u32.u64", IrType.Int32, biased))}, 1");
        }

        string Mantissa(string bits)
        {
            var isNormal = writer.New(IrType.Bool);
            writer.Emit($"setp.gt.u{width} {isNormal}, {bits}, {Hex(layout.Fraction)}");
            var hidden = writer.Emit($"selp.b{width}", integer, $"{Hex(layout.Hidden)}, 0, {isNormal}");
            var mantissa = Op("or.b", Op("and.b", bits, Hex(layout.Fraction)), hidden);
            return width == 32 ? writer.Emit("cvt.u64.u32", IrType.Int64, mantissa) : mantissa;
        }
    }
}
