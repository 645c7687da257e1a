namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>Numbers of the OpenCL headers, and what errors mean here.</summary>
internal static class OpenClCodes
{
    public const int Success = 0;
    public const int DeviceNotFound = -1;
    public const int DeviceNotAvailable = -2;
    public const int AllocationFailed = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;
    public const int BuildFailed = -11;
    public const int InvalidContext = -34;
    public const int InvalidQueue = -36;
    public const int InvalidBufferSize = -61;
    public const int NoPlatform = -1001;

    public const ulong DeviceTypeAll = 0xFFFFFFFF;
    public const ulong DeviceTypeCpu = 2;
    public const ulong MemoryReadWrite = 1;
    public const ulong MemoryUseHost = 8;
    public const ulong MapRead = 1;
    public const ulong MapWrite = 2;

    public const uint PlatformVersion = 0x0901;
    public const uint PlatformName = 0x0902;
    public const uint DeviceType = 0x1000;
    public const uint DeviceComputeUnits = 0x1002;
    public const uint DeviceGroupSize = 0x1004;
    public const uint DeviceLargestBuffer = 0x1010;
    public const uint DeviceParameterBytes = 0x1017;
    public const uint DeviceSingleConfig = 0x101B;
    public const uint DeviceMemory = 0x101F;
    public const uint DeviceIsLittleEndian = 0x1026;
    public const uint DeviceIsAvailable = 0x1027;
    public const uint DeviceHasCompiler = 0x1028;
    public const uint DeviceName = 0x102B;
    public const uint DriverVersion = 0x102D;
    public const uint DeviceVersion = 0x102F;
    public const uint DeviceDoubleConfig = 0x1032;
    public const uint DeviceSharesMemory = 0x1035;
    public const uint ProgramBinarySizes = 0x1165;
    public const uint ProgramBinaries = 0x1166;
    public const uint BuildLog = 0x1183;

    /// <summary>Bit of the single precision configuration.</summary>
    public const ulong RoundsDivideAndSqrt = 1 << 7;

    public static bool IsNoMemory(int code) => code is AllocationFailed or OutOfResources or OutOfHostMemory or InvalidBufferSize;

    /// <summary>Whether the device has to be opened anew.</summary>
    public static bool IsLost(int code) => code is DeviceNotAvailable or InvalidContext or InvalidQueue;

    public static string Name(int code) => code switch
    {
        DeviceNotFound => "CL_DEVICE_NOT_FOUND",
        DeviceNotAvailable => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        AllocationFailed => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        OutOfResources => "CL_OUT_OF_RESOURCES",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY",
        BuildFailed => "CL_BUILD_PROGRAM_FAILURE",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -30 => "CL_INVALID_VALUE",
        -33 => "CL_INVALID_DEVICE",
        InvalidContext => "CL_INVALID_CONTEXT",
        InvalidQueue => "CL_INVALID_COMMAND_QUEUE",
        -38 => "CL_INVALID_MEM_OBJECT",
        -42 => "CL_INVALID_BINARY",
        -43 => "CL_INVALID_BUILD_OPTIONS",
        -44 => "CL_INVALID_PROGRAM",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE",
        -46 => "CL_INVALID_KERNEL_NAME",
        -48 => "CL_INVALID_KERNEL",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        InvalidBufferSize => "CL_INVALID_BUFFER_SIZE",
        NoPlatform => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => "an OpenCL error",
    };

    /// <exception cref="LaunchException">The code is an error's.</exception>
    public static void Check(int code, string device, string what)
    {
        if (code != Success)
        {
            throw Failure(code, device, what);
        }
    }

    /// <summary>As <see cref="Check"/>, of commands that are done: out of resources is how drivers report there that a kernel crashed.</summary>
    public static void CheckDone(int code, string device, string what)
    {
        if (code != Success)
        {
            throw Failure(code == OutOfResources ? DeviceNotAvailable : code, device, what, code);
        }
    }

    public static LaunchException Failure(int code, string device, string what) => Failure(code, device, what, code);

    private static LaunchException Failure(int meaning, string device, string what, int code) => IsLost(meaning)
        ? new LaunchException(ErrorCodes.DeviceLost, $"device {device} is lost: {what} failed with {Name(code)} ({code}); it is opened again, and what was on it is gone")
        : new LaunchException(ErrorCodes.LaunchFailed, $"device {device}: {what} failed with {Name(code)} ({code})");
}
