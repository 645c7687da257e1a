namespace Fuser.Kernels.Ir.Stages;

/// <summary>How a reduction combines two values. What nothing combined is, is decided before: a kernel always has something to combine.</summary>
internal enum ReductionKind
{
    /// <summary>a + b, rounded once; of float32 values in float64.</summary>
    Sum,

    /// <summary>a * b, rounded once.</summary>
    Product,

    /// <summary>a where a &gt; b or a is NaN, else b.</summary>
    Maximum,

    /// <summary>a where a &lt; b or a is NaN, else b.</summary>
    Minimum,
}
