using System.Globalization;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;

namespace Fuser.Actors;

/// <summary>How a kernel with reductions goes over its rows, in words.</summary>
internal static class SweepDescription
{
    public static string Of(RowSweeps sweeps)
    {
        var walk = sweeps.Walk == KernelWalk.AcrossRows ? "across rows, many side by side" : "along rows";
        return $"one kernel over {Number(sweeps.Rows)} rows of {Number(sweeps.RowLength)} elements, {walk}, in {sweeps.Count} {(sweeps.Count == 1 ? "sweep" : "sweeps")} ({Stages(sweeps)}). {Cache(sweeps)}";
    }

    private static string Stages(RowSweeps sweeps)
    {
        var inputs = sweeps.Ir.Arguments.Count(argument => argument.Kind != Kernels.Ir.ArgumentKind.Output);
        var kept = new HashSet<int>();
        return string.Join("; ", sweeps.Ir.Stages.Select(stage =>
        {
            var work = stage.Reductions.Select(reduction => reduction.Kind.ToString().ToLowerInvariant())
                .Concat(stage.Arguments.Where(operand => operand.Place == OperandPlace.Argument && operand.Index >= inputs).Select(operand => $"writes result {operand.Index - inputs}"))
                .Concat(stage.Arguments.Any(operand => operand.Place == OperandPlace.Kept && kept.Add(operand.Index)) ? ["keeps values per element for later sweeps"] : [])
                .DefaultIfEmpty("computes");
            return $"{(stage.Kind == StageKind.Sweep ? "sweep" : "once per row")}: {string.Join(", ", work)}";
        }));
    }

    private static string Cache(RowSweeps sweeps) => sweeps switch
    {
        { Count: <= 1 } => "Its input is read from memory once, however long a row is.",
        { IsOnDevice: true } => "Each sweep reads its input again: from memory, or from the device's cache where that holds it.",
        { FitsCache: true } => $"Its input is read from memory once: the {Number(sweeps.BytesTogether)} bytes it works on at a time stay in the cache from sweep to sweep.",
        _ => $"It works on {Number(sweeps.BytesTogether)} bytes at a time, more than the {Number(RowSweeps.CacheBytes)} bytes of cache that are reckoned with: each sweep reads its input from memory again.",
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
