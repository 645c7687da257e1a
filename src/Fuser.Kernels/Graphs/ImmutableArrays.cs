using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

internal static class ImmutableArrays
{
    /// <summary>The array itself, or an empty one in place of <c>default</c>, which throws on every use.</summary>
    public static ImmutableArray<T> OrEmpty<T>(this ImmutableArray<T> array) => array.IsDefault ? [] : array;
}
