using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npy;

/// <summary>What a .npy file says about its array.</summary>
/// <param name="Element">Element type and byte order.</param>
/// <param name="FortranOrder">Whether the first axis varies fastest.</param>
/// <param name="Shape">Sizes, outermost first.</param>
internal sealed record NpyHeader(NpyElementType Element, bool FortranOrder, ImmutableArray<long> Shape)
{
    /// <summary>How the elements lie in the file, and in memory after reading.</summary>
    public TensorLayout Layout
    {
        get
        {
            if (!FortranOrder)
            {
                return TensorLayout.Contiguous(Shape);
            }

            var strides = Shapes.ContiguousStrides(Shape.Reverse().ToImmutableArray().AsSpan());
            return new TensorLayout(Shape, strides.Reverse().ToImmutableArray());
        }
    }
}
