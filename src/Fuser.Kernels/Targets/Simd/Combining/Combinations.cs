using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>One way of combining, for a value and for vectors of each width.</summary>
internal interface ICombination<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Whether the order of many values decides nothing, unless what they come to is 0: then it may decide its sign.</summary>
    static abstract bool IsOrderless { get; }

    static abstract T Of(T a, T b);

    static abstract Vector256<T> Of(Vector256<T> a, Vector256<T> b);

    static abstract Vector512<T> Of(Vector512<T> a, Vector512<T> b);
}

internal readonly struct Sum<T> : ICombination<T>
    where T : unmanaged, INumber<T>
{
    public static bool IsOrderless => typeof(T) == typeof(int) || typeof(T) == typeof(long);

    public static T Of(T a, T b) => unchecked(a + b);

    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a + b;

    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a + b;
}

internal readonly struct Product<T> : ICombination<T>
    where T : unmanaged, INumber<T>
{
    public static bool IsOrderless => typeof(T) == typeof(int) || typeof(T) == typeof(long);

    public static T Of(T a, T b) => unchecked(a * b);

    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) => a * b;

    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a * b;
}

/// <summary>Not the maximum of the vector classes, which orders zeros and costs more.</summary>
internal readonly struct Maximum<T> : ICombination<T>
    where T : unmanaged, INumber<T>
{
    public static bool IsOrderless => true;

    public static T Of(T a, T b) => a > b || T.IsNaN(a) ? a : b;

    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(a, b) | ~Vector256.Equals(a, a), a, b);

    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(a, b) | ~Vector512.Equals(a, a), a, b);
}

internal readonly struct Minimum<T> : ICombination<T>
    where T : unmanaged, INumber<T>
{
    public static bool IsOrderless => true;

    public static T Of(T a, T b) => a < b || T.IsNaN(a) ? a : b;

    public static Vector256<T> Of(Vector256<T> a, Vector256<T> b) =>
        Vector256.ConditionalSelect(Vector256.LessThan(a, b) | ~Vector256.Equals(a, a), a, b);

    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) =>
        Vector512.ConditionalSelect(Vector512.LessThan(a, b) | ~Vector512.Equals(a, a), a, b);
}
