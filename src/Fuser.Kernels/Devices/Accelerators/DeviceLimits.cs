namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>What a device of a driver is and can do, read once.</summary>
/// <param name="Name">The device's own name.</param>
/// <param name="Driver">Driver and version: another version may compile other code, so it is part of what is remembered about a device.</param>
/// <param name="Architecture">What its code depends on beside the driver, e.g. <c>sm_90</c>.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="LargestBuffer">The most one buffer may have, in bytes.</param>
/// <param name="ParameterBytes">Room for the parameters of a kernel.</param>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="GridSize">Work items that keep the device busy, when each takes many elements.</param>
/// <param name="Units">Cores or multiprocessors.</param>
/// <param name="HasDoubles">Whether it computes with float64.</param>
/// <param name="IsProcessor">Whether it is the host's processor.</param>
/// <param name="SharesMemory">Whether it works on the host's memory without a copy.</param>
internal sealed record DeviceLimits(
    string Name,
    string Driver,
    string Architecture,
    long MemoryBytes,
    long LargestBuffer,
    int ParameterBytes,
    int GroupSize,
    int GridSize,
    int Units,
    bool HasDoubles,
    bool IsProcessor,
    bool SharesMemory)
{
    /// <summary>What compiled code and the verdict on the device's exactness are remembered under.</summary>
    public string Identity => $"{Name}|{Architecture}|{Driver}";
}
