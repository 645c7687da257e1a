namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>What a driver makes of work items decides how kernels are printed for it.</summary>
internal enum OpenClForm
{
    /// <summary>Work items take element after element, a grid apart, with accesses of 16 bytes: what a GPU wants.</summary>
    GridStride,

    /// <summary>
    /// One element per work item: a driver for a processor makes vectors of neighbouring work items. (Grid-stride loops were measured 50 times slower on PoCL.)
    /// </summary>
    OneElement,
}
