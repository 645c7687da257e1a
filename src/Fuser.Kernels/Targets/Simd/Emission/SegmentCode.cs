namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// The compiled code of one segment. Elements <paramref name="start"/> to <paramref name="end"/> are a whole number of steps;
/// positions count from the arguments' first elements.
/// </summary>
/// <param name="arguments">As the kernel's.</param>
/// <param name="scratch">Values that cross segments; null for a kernel of one segment.</param>
internal unsafe delegate void RunSegment(void** arguments, byte* scratch, nint start, nint end);

/// <summary>Positions of the parameters in IL. The first is the delegate's target: closed delegates are called without a shuffle of registers.</summary>
internal static unsafe class SegmentCode
{
    public const short Arguments = 1;
    public const short Scratch = 2;
    public const short Start = 3;
    public const short End = 4;

    public static Type[] Parameters { get; } = [typeof(ConstantTables), typeof(void**), typeof(byte*), typeof(nint), typeof(nint)];
}
