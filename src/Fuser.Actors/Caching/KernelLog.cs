using Fuser.Kernels.Normalisation;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Caching;

/// <summary>Log events of the caches; ids 100 to 199.</summary>
internal static partial class KernelLog
{
    [LoggerMessage(100, LogLevel.Debug, "Compiling kernel {Spec}: {Difference}")]
    public static partial void Compiling(ILogger logger, GraphKey spec, string difference);

    [LoggerMessage(101, LogLevel.Debug, "Compiled kernel {Spec}: {Primitives} primitives in {Milliseconds:0.00} ms")]
    public static partial void Compiled(ILogger logger, GraphKey spec, int primitives, double milliseconds);

    [LoggerMessage(102, LogLevel.Warning, "Kernel {Spec} could not be compiled; its graphs run on the fallback")]
    public static partial void CompileFailed(ILogger logger, GraphKey spec, Exception cause);

    [LoggerMessage(103, LogLevel.Debug, "Evicting spec {Spec}: {Count} specs are held, {Limit} is the limit")]
    public static partial void EvictingSpec(ILogger logger, GraphKey spec, int count, int limit);

    [LoggerMessage(104, LogLevel.Warning, "The actor of spec {Spec} is gone; the spec is registered again when it is next used")]
    public static partial void SpecLost(ILogger logger, GraphKey spec);
}
