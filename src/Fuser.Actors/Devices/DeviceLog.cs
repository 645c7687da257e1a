using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Devices;

/// <summary>Log events of devices; ids 200 to 299.</summary>
internal static partial class DeviceLog
{
    [LoggerMessage(200, LogLevel.Error, "Device {Device} failed and is opened again; {Buffers} tensors on it are lost")]
    public static partial void Lost(ILogger logger, string device, int buffers, Exception cause);

    [LoggerMessage(201, LogLevel.Warning, "Device {Device} does not compute the contract's bits and is used all the same: {Difference}")]
    public static partial void Inexact(ILogger logger, string device, string difference);

    [LoggerMessage(202, LogLevel.Warning, "A tensor on device {Device} (buffer {Buffer}) was collected without being disposed; dispose tensors to give their memory back in time")]
    public static partial void Leaked(ILogger logger, string device, long buffer);

    [LoggerMessage(203, LogLevel.Warning, "The cache of compiled code: {Problem}")]
    public static partial void Cache(ILogger logger, string problem);
}
