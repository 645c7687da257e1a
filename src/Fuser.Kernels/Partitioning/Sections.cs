namespace Fuser.Kernels.Partitioning;

/// <summary>
/// A large graph cut into stretches of its operations, in the order of the graph. What a later stretch needs of an earlier one is in memory, so a kernel computes at most the operations of one
/// stretch for each of its results, however long the graph is.
/// </summary>
internal sealed class Sections
{
    private readonly int[] _sectionOf;

    private Sections(int[] sectionOf) => _sectionOf = sectionOf;

    /// <param name="isReduction">By id of a tensor: null where it is none that a kernel computes, else whether it is a reduction.</param>
    /// <param name="operations">Operations of one section at most.</param>
    /// <param name="reductions">Reductions among them at most.</param>
    public static Sections Of(IReadOnlyList<bool?> isReduction, int operations, int reductions)
    {
        var sectionOf = new int[isReduction.Count];
        var (section, computed, reduced) = (0, 0, 0);
        for (var id = 0; id < sectionOf.Length; id++)
        {
            if (isReduction[id] is { } reduces)
            {
                if (computed == operations || (reduces && reduced == reductions))
                {
                    (section, computed, reduced) = (section + 1, 0, 0);
                }

                computed++;
                reduced += reduces ? 1 : 0;
            }

            sectionOf[id] = section;
        }

        return new Sections(sectionOf);
    }

    /// <summary>Whether a tensor belongs to an earlier section than the one a kernel is for.</summary>
    public bool IsEarlier(int tensor, int root) => _sectionOf[tensor] < _sectionOf[root];
}
