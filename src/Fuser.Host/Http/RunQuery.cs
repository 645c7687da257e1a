using System.Globalization;
using Fuser.Actors;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;

namespace Fuser.Host.Http;

/// <summary>How a run shall be done, from the address: device, threads, seed, unfused.</summary>
internal static class RunQuery
{
    /// <param name="maxThreads">Threads at most; more are not given.</param>
    /// <exception cref="HostException">There is no such parameter, or its value is wrong.</exception>
    public static RunOptions Parse(IQueryCollection query, int maxThreads)
    {
        var options = RunOptions.Default;
        foreach (var (name, values) in query)
        {
            var text = values.Count == 1 ? values[0] ?? "" : throw Wrong(name, "several values", "one");
            options = name switch
            {
                "device" => options with { Device = text },
                "threads" => options with { Threads = (int)Number(name, text, 1, maxThreads) },
                "seed" => options with { Seed = Number(name, text, long.MinValue, long.MaxValue) },
                "unfused" => options with { Unfused = text switch { "true" => true, "false" => false, _ => throw Wrong(name, $"'{OutsideText.Shown(text)}'", "true or false") } },
                _ => throw new HostException(ErrorCodes.BadRequest, $"there is no parameter '{OutsideText.Shown(name)}'; a run takes device, threads, seed and unfused."),
            };
        }

        return options;
    }

    private static long Number(string name, string text, long lowest, long highest) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest
            ? number
            : throw Wrong(name, $"'{OutsideText.Shown(text)}'", $"a whole number from {lowest} to {highest}");

    private static HostException Wrong(string name, string got, string wanted) => new(ErrorCodes.BadRequest, $"parameter {OutsideText.Shown(name)} got {got}; wanted {wanted}.");
}
