namespace Fuser.Kernels.Devices.Cuda;

/// <summary>Numbers of the driver's header, and what errors mean here.</summary>
internal static unsafe class CudaCodes
{
    public const int Success = 0;
    public const int OutOfMemory = 2;
    public const int InvalidImage = 200;
    public const int InvalidPtx = 218;
    public const int IllegalAddress = 700;

    public const int Multiprocessors = 16;
    public const int ClassMajor = 75;
    public const int ClassMinor = 76;
    public const int HasMemoryPools = 115;

    public const int PoolReleaseThreshold = 4;
    public const int JitErrorLog = 5;
    public const int JitErrorLogSize = 6;
    public const int InputIsPtx = 1;
    public const uint StreamNonBlocking = 1;
    public const uint EventWithTiming = 0;
    public const uint EventWithoutTiming = 2;
    public const int CaptureOfThread = 1;

    /// <summary>Whether the context is beyond use: the error comes again with every call until another is made.</summary>
    public static bool IsLost(int code) => code is 4 or 46 or 201 or 214 or 219 or 220 or 226 or IllegalAddress or 702 or 709 or (>= 710 and <= 719) or 999;

    public static string Name(ICudaApi api, int code)
    {
        byte* name = null;
        return api.GetErrorName(code, &name) == Success && name != null ? new string((sbyte*)name) : "an unknown error";
    }

    public static LaunchException Failure(ICudaApi api, int code, string device, string what) => IsLost(code)
        ? new LaunchException(ErrorCodes.DeviceLost, $"device {device} is lost: {what} failed with {Name(api, code)} ({code}); it is opened again, and what was on it is gone")
        : new LaunchException(ErrorCodes.LaunchFailed, $"device {device}: {what} failed with {Name(api, code)} ({code})");

    /// <exception cref="LaunchException">The code is an error's.</exception>
    public static void Check(ICudaApi api, int code, string device, string what)
    {
        if (code != Success)
        {
            throw Failure(api, code, device, what);
        }
    }
}
