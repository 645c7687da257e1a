using System.ComponentModel.DataAnnotations;

namespace Fuser.Actors;

/// <summary>Settings of an embedded system. Every limit is on from the start.</summary>
public sealed class FuserOptions
{
    /// <summary>Kernel specs held at most. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxSpecs { get; set; } = 1_000;

    /// <summary>Compiled kernels held at most, over all specs. Default 4,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxKernels { get; set; } = 4_000;

    /// <summary>Estimated memory of compiled kernels at most, in bytes. Default 256 MiB.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxCodeBytes { get; set; } = 256L << 20;

    /// <summary>Estimated memory of the plans that functions remember at most, in bytes, over all functions; those used least recently are forgotten, and made again when they are wanted. Default 256 MiB.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxPlanBytes { get; set; } = 256L << 20;

    /// <summary>Compiler actors. Default: the number of processors.</summary>
    [Range(1, 256)]
    public int Compilers { get; set; } = Environment.ProcessorCount;

    /// <summary>How long a compile may take before the run goes to the fallback. Default 30 s.</summary>
    public TimeSpan CompileTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an actor may take to answer before a named error. Default 60 s.</summary>
    public TimeSpan AskTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests that may wait in one actor's mailbox. Default 100,000.</summary>
    [Range(1, int.MaxValue)]
    public int MailboxCapacity { get; set; } = 100_000;

    /// <summary>Threads a kernel may use. Default: the number of processors.</summary>
    [Range(1, 1024)]
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>Device used when a run names none, or <see cref="RunOptions.CheapestDevice"/>. Default <c>cpu</c>.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Seed from which runs without a seed of their own draw theirs; null for one from the operating system.</summary>
    public long? Seed { get; set; }

    /// <summary>How long a stop waits for work in progress. Default 10 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Folder for compiled code of devices and what was found out about them, so that a second process does not compile. Default: <c>fuser</c> in the user's cache
    /// folder. Empty keeps nothing. What cannot be written is a warning, never an error.
    /// </summary>
    public string CacheDirectory { get; set; } = DefaultCacheDirectory();

    /// <summary>Uses devices that compute other bits than the contract says, for every run. Default false: they are refused, unless <see cref="RunOptions.AllowInexact"/> says otherwise.</summary>
    public bool AllowInexact { get; set; }

    /// <summary>Runs that may be under way on one accelerator at once: the copies of one overlap with the kernels of another. Default 2.</summary>
    [Range(1, 64)]
    public int DeviceStreams { get; set; } = 2;

    /// <summary>Runs that may wait for one accelerator. Default 1,024.</summary>
    [Range(1, 1_000_000)]
    public int DeviceQueueCapacity { get; set; } = 1_024;

    /// <summary>What becomes of a run when that many wait. Default: the caller is told.</summary>
    public DeviceQueueBehavior WhenDeviceQueueFull { get; set; } = DeviceQueueBehavior.Fail;

    private static string DefaultCacheDirectory()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        }
        else if (string.IsNullOrEmpty(cache))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length == 0 ? "" : Path.Combine(home, ".cache");
        }

        return string.IsNullOrEmpty(cache) ? "" : Path.Combine(cache, "fuser");
    }

    internal FuserOptions Copy() => (FuserOptions)MemberwiseClone();
}

/// <summary>What becomes of a run on a device whose queue is full.</summary>
public enum DeviceQueueBehavior
{
    /// <summary>It fails at once with <see cref="Kernels.ErrorCodes.Overloaded"/>.</summary>
    Fail,

    /// <summary>It waits for room, at most <see cref="FuserOptions.AskTimeout"/>.</summary>
    Wait,
}
