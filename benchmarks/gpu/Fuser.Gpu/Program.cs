using Fuser.Actors;
using Fuser.Gpu;
using Fuser.Gpu.Reports;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;

const int Done = 0, Failed = 1, Wrong = 2, NoDevice = 3;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(GpuOptions.Usage);
    return Done;
}

GpuOptions options;
try
{
    options = GpuOptions.Parse(args);
}
catch (FormatException error)
{
    await Console.Error.WriteLineAsync($"error: {error.Message}\n\n{GpuOptions.Usage}");
    return Wrong;
}

using var cancelled = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    cancelled.Cancel();
};

// Nothing is kept between runs: every compile is a compile, and every verdict of the probe is this run's.
await using var fuser = await FuserSystem.StartAsync(new FuserOptions { CacheDirectory = "" });
foreach (var device in await fuser.GetDevicesAsync())
{
    await Console.Error.WriteLineAsync($"{(device.IsAvailable ? "device" : "no device")} {device.Name}: {device.Description}");
}

Accelerator? accelerator;
try
{
    accelerator = fuser.Devices.Find(options.Device).Device.Accelerator;
}
catch (FuserException error)
{
    await Console.Error.WriteLineAsync($"error {error.Code}: {error.Message}");
    return NoDevice;
}

if (accelerator is null)
{
    await Console.Error.WriteLineAsync($"error: {options.Device} is no accelerator; benchmarks/compare measures processors");
    return Wrong;
}

try
{
    var result = await new GpuRun(fuser, accelerator, options, TimeProvider.System).RunAsync(cancelled.Token);
    Console.WriteLine($"results are in {await ResultFiles.WriteAsync(result, options.Output ?? DefaultOutput(), cancelled.Token)}");
    foreach (var failure in result.Failures)
    {
        await Console.Error.WriteLineAsync($"failed: {failure}");
    }

    return result.Failures.Any() ? Failed : Done;
}
catch (FuserException error)
{
    await Console.Error.WriteLineAsync($"error {error.Code}: {error.Message}");
    return Failed;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("cancelled; nothing was written");
    return Failed;
}

// In a checkout beside the benchmark, elsewhere beside whoever calls.
static string DefaultOutput()
{
    for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
    {
        if (Directory.Exists(Path.Combine(folder, "benchmarks", "gpu")))
        {
            return Path.Combine(folder, "benchmarks", "gpu", "results");
        }
    }

    return Path.GetFullPath("results");
}
