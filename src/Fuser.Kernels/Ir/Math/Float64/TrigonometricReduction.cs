using System.Collections.Immutable;
using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>
/// x = n pi/2 + r with |r| up to pi/4 and r as a double-double, for every finite x; infinities and NaN give NaN. Both ways below are
/// computed for every element (a kernel has no branches) and one is selected.
/// </summary>
internal static class TrigonometricReduction
{
    public static readonly double HalfPiHigh = BitConverter.UInt64BitsToDouble(0x3FF921FB54442D18);
    public static readonly double HalfPiLow = BitConverter.UInt64BitsToDouble(0x3C91A62633145C07);
    private static readonly double HalfPiLowest = BitConverter.UInt64BitsToDouble(0xB91F1976B7ED8FBC);
    private static readonly double TwoOverPi = BitConverter.UInt64BitsToDouble(0x3FE45F306DC9C883);

    /// <summary>2^31, where the reduction changes.</summary>
    private const double Far = 2147483648;
    private const double Shift = Exponential.RoundingShift;

    /// <summary>
    /// Entry j of table i is part i (of four, each the nearest float64 of what the earlier ones leave) of 2^(32 j - 21) 2/pi modulo
    /// 4: all bits that matter for exponents from 31 + 32 j on, 32 of them at a time.
    /// </summary>
    private static readonly ImmutableArray<ulong>[] Windows =
    [
        [
            0x3E945F306DC9C883, 0xBFC9F246C6EFAB58, 0xBFFDF56B01EC5417, 0x3FF3ABE8FA9A6EE0, 0x3FFA6EE06DB14ACD, 0xBFED6A66C3BC6FBE,
            0xBFFE37DF00D74E2A, 0xBFF74E2A10A21D4F, 0x3FFDE2B0DB92371D, 0x3FF2371D2126E970, 0xBFF9168FFCDB688B, 0xBFFB688AFB1736F2,
            0xBFF736F180F10A72, 0x3FEDEB1CB129A73F, 0x3FF4D39F74411AFB, 0x3FB1AFA975DA2427, 0x3FFDA24274CE3813, 0x3FEC7026B45F7E41,
            0xBFF040DF633714E3, 0x3FE1D639835339F5, 0xBFF66305B1BDD03A, 0x3FC17E2EF7E4A0EC, 0xBFCB5F13801DA001, 0xBFCDA00087E99FC0,
            0x3FC6603FBCBC462D, 0x3FF788C5AD053690, 0x3FD4DA3EDA6CFD9E, 0x3FFB3F6793E584DC, 0xBFFA7B24585CE04D, 0xBFFCE04CB0D00AE9,
            0xBFF00AE9456C229C, 0x3FF3DD63F5F2F8BE,
        ],
        [
            0xBB36B01EC5417056, 0xBC3EC54170565912, 0xBC5596447E493AD5, 0x3C9B6C52B3278872, 0xBC98778DF7C035D4, 0xBC2AE9C5421443AA,
            0xBC70A21D4F246DC9, 0xBC8236E4716F6C8B, 0x3C809374B801924C, 0x3C4924BBA8274648, 0x3C53A32439FC3BD6, 0x3C9FC3BD63962535,
            0x3C962534E7DD1047, 0xBC677DCA0AD144BB, 0xBC9A28976F62CC72, 0x3C5338E04D68BEFD, 0x3C968BEFC827323B, 0x3C7CC8EB1CC1A99D,
            0xBC8F2B3182D8DEE8, 0xBC88DEE81D1081B6, 0xBC8081B5F13801DA, 0x3C6FF897FFDE0598, 0x3C6E05980FEF2F12, 0xBC60D0EE74A5F593,
            0x3C6A0A6D1F6D367F, 0xBC925930261B069F, 0x3C73E584DBA7A320, 0xBC961738132C3403, 0x3C93CBFD45AEA4F7, 0xBC915B08A7028342,
            0xBC641A0E84C2F8C6, 0xBC985F18C10EB5AE,
        ],
        [
            0xB7D6447E493AD4CE, 0x389B6C52B3278872, 0x38E93C439041FE51, 0x39007F9458EAF7AF, 0x393D5EF5DE2B0DB9, 0x38AB7246E3A424DD,
            0x38FD2126E9700325, 0xB921FF9B6D115F63, 0xB9215F62E6DE301E, 0x38ECFE1DEB1CB12A, 0x38ECB129A73EE882, 0xB91822EFB9415A29,
            0xB930568A25DBD8B3, 0xB90EC598E3F652E8, 0x38F35A2FBF209CC9, 0xB8FF633714E33E56, 0xB92C67CACC60B638, 0xB8D6C6F740E8840E,
            0xB90D1081B5F13802, 0x38FD8FFC4BFFEF03, 0xB870FD33F8086877, 0x38DFDE5E2316B415, 0xB90D297D64B824B2, 0x38EF6D367ECF27CB,
            0xB8F86C1A7B24585D, 0x392B74F463F669E6, 0xB9132C3402BA515B, 0x39316BA93DD63F5F, 0x39363F5F2F8BD9E8, 0x3927B3D0739F78A5,
            0xB8D0EB5ADA2B2809, 0x3937535FDAFD88FC,
        ],
        [
            0x347E21C820FF28B2, 0x35007F9458EAF7AF, 0x3588EAF7AEF1586E, 0xB57D4F246DC8E2DF, 0x35C1B8E909374B80, 0x353700324977504F,
            0xB59A22BEC5CDBC60, 0x35A921CFE1DEB1CB, 0xB5B0A71A76B2C609, 0xB5863045DF7282B4, 0x357AFA975DA24275, 0x35BA24274CE38136,
            0xB5BC7ECA5D040DF6, 0xB59037D8CDC538D0, 0xB574E33E566305B2, 0xB598C16C6F740E88, 0x35C17E2EF7E4A0EC, 0x35741D8FFC4BFFEF,
            0x3592FFFBC0B301FE, 0xB589FC04343B9D29, 0xB50D297D64B824B2, 0xB562E092C98130D8, 0xB5A8130D834F648B, 0x35536E9E8C7ECD3D,
            0x357FB34F2FF516BB, 0xB565D28AD8453814, 0xB5814E050683A131, 0x35C7C5ECF41CE7DE, 0x35CCE7DE294A4BAA, 0x35B497535FDAFD89,
            0xB570277039517BD5, 0x35DABA10AC06608E,
        ],
    ];

    /// <summary>The low two bits of Quadrant are n modulo 4.</summary>
    public static (DoubleDouble R, I64 Quadrant) Reduce(F64 x)
    {
        var near = ReduceNear(x);
        var isFar = Far <= Abs(x);

        // What is near must not run into subnormals on the way that is not taken: they are a hundred times slower.
        var far = ReduceFar(Select(isFar, x, Far));
        var r = new DoubleDouble(Select(isFar, far.R.High, near.R.High), Select(isFar, far.R.Low, near.R.Low));
        return (r, Select(isFar, far.Shifted, near.Shifted).Bits);
    }

    /// <summary>
    /// Cody and Waite with three parts of pi/2, 161 bits: n times the first leaves an exact difference inside the fused multiply-add,
    /// n times the second is subtracted as a double-double.
    /// </summary>
    private static (DoubleDouble R, F64 Shifted) ReduceNear(F64 x)
    {
        var shifted = Fma(x, TwoOverPi, Shift);
        var n = shifted - Shift;
        var first = Fma(n, -HalfPiHigh, x);
        var second = DoubleDouble.Product(n, -HalfPiLow);
        var sum = DoubleDouble.Sum(first, second.High);
        return (DoubleDouble.OrderedSum(sum.High, Fma(n, -HalfPiLowest, sum.Low + second.Low)), shifted);
    }

    /// <summary>
    /// Payne and Hanek: x 2/pi modulo 4 from the window of 2/pi that matters. x scaled by 2^(21 - 32 j) is a whole number below 2^85,
    /// so multiples of 4 in the window are multiples of 4 in the product. The closest a float64 comes to a multiple of pi/2 is 2^-61; the
    /// window reaches to 2^-212, the product to 2^-127. |x| is at least 2^31 and may be infinite, but no NaN: j is 0 to 31.
    /// </summary>
    private static (DoubleDouble R, F64 Shifted) ReduceFar(F64 x)
    {
        var j = (((x.Bits >>> 52) & 0x7FF) - (1023 + 31)) >>> 5;
        var scaled = x * ((1044 - (j << 5)) << 52).AsF64;
        var p0 = DoubleDouble.Product(scaled, j.Lookup(Windows[0]));
        var p1 = DoubleDouble.Product(scaled, j.Lookup(Windows[1]));
        var p2 = DoubleDouble.Product(scaled, j.Lookup(Windows[2]));
        var p3 = scaled * j.Lookup(Windows[3]);

        var large = DoubleDouble.Sum(ModuloFour(p0.High), ModuloFour(p0.Low));
        var total = DoubleDouble.Sum(large.High, ModuloFour(p1.High));
        var shifted = total.High + Shift;
        var fraction = total.High - (shifted - Shift);

        var small = DoubleDouble.Sum(p1.Low, p2.High);
        var errors = DoubleDouble.Sum(large.Low, total.Low);
        var first = DoubleDouble.Sum(fraction, small.High);
        var second = DoubleDouble.Sum(first.High, errors.High);
        var rest = errors.Low + (small.Low + (p2.Low + p3));
        var y = DoubleDouble.OrderedSum(second.High, (first.Low + second.Low) + rest);

        var high = y.High * HalfPiHigh;
        var low = Fma(y.High, HalfPiHigh, -high) + Fma(y.High, HalfPiLow, y.Low * HalfPiHigh);
        return (new DoubleDouble(high, low), shifted);
    }

    private static F64 ModuloFour(F64 x) => Fma(Round(x * 0.25), -4, x);
}
