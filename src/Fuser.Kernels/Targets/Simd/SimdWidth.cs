using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>How many bits a vector of generated code has. Every width gives the same bits; what the machine lacks is emulated by the runtime.</summary>
internal enum SimdWidth
{
    /// <summary>No vectors: one element at a time.</summary>
    None,
    V128,
    V256,
    V512,
}

internal static class SimdWidths
{
    /// <summary>
    /// The widest vectors the processor has. <c>Vector512.IsHardwareAccelerated</c> is not asked: it is false on processors that
    /// lower their clock for 512-bit code, where that code is still 1.3 to 1.5 times faster on arithmetic and never slower.
    /// </summary>
    public static SimdWidth Best { get; } =
        IsAccelerated(SimdWidth.V512) ? SimdWidth.V512
        : IsAccelerated(SimdWidth.V256) ? SimdWidth.V256
        : IsAccelerated(SimdWidth.V128) ? SimdWidth.V128
        : SimdWidth.None;

    /// <summary>Whether vectors of the width are registers of this machine.</summary>
    public static bool IsAccelerated(SimdWidth width) => width switch
    {
        SimdWidth.V512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported,
        SimdWidth.V256 => Avx2.IsSupported,
        SimdWidth.V128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };

    /// <summary>Bits of a vector, 0 for <see cref="SimdWidth.None"/>; as in the target's fingerprint.</summary>
    public static int Bits(this SimdWidth width) => width == SimdWidth.None ? 0 : 64 << (int)width;
}
