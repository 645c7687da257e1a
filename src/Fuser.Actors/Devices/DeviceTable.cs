using System.Collections.Immutable;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>
/// The devices of a system by name. Those of the host are there from the start; drivers are loaded when somebody first asks for more, because that takes time, and most never do.
/// </summary>
internal sealed class DeviceTable
{
    private readonly Lazy<(ImmutableArray<DeviceEntry> Entries, ImmutableArray<MissingDevice> Missing)> _accelerators;
    private readonly Lazy<ImmutableArray<DeviceEntry>> _candidates;

    /// <param name="find">Loads the drivers.</param>
    /// <param name="start">Starts the actor of a device.</param>
    public DeviceTable(ImmutableArray<Device> host, Func<AcceleratorCatalogue> find, Func<Device, DeviceEntry> start)
    {
        Host = ImmutableArray.CreateRange(host, start);
        _accelerators = new Lazy<(ImmutableArray<DeviceEntry>, ImmutableArray<MissingDevice>)>(() =>
        {
            var found = find();
            return ([.. found.Devices.Select(accelerator => start(Device.Of(accelerator)))], found.Missing);
        });
        _candidates = new Lazy<ImmutableArray<DeviceEntry>>(() => [Host[0], .. _accelerators.Value.Entries]);
    }

    public ImmutableArray<DeviceEntry> Host { get; }

    /// <summary>Those there are, the host's first.</summary>
    public IEnumerable<DeviceEntry> All => Host.Concat(_accelerators.Value.Entries);

    /// <summary>Those that runs may go to which are left open: the processor, then the accelerators.</summary>
    public ImmutableArray<DeviceEntry> Candidates => _candidates.Value;

    /// <summary>Those there are not, and why.</summary>
    public ImmutableArray<MissingDevice> Missing => _accelerators.Value.Missing;

    /// <exception cref="InputException">There is no such device; the message lists those there are.</exception>
    /// <exception cref="LaunchException">Its driver is not there; the message says what was tried.</exception>
    public DeviceEntry Find(string name)
    {
        foreach (var entry in Host)
        {
            if (entry.Device.Name == name)
            {
                return entry;
            }
        }

        if (All.FirstOrDefault(entry => entry.Device.Name == name) is { } known)
        {
            return known;
        }

        var reasons = AcceleratorCatalogue.IsName(name) ? Missing.Where(missing => missing.Name == name.Split(':')[0]).Select(missing => missing.Reason).ToList() : [];
        throw reasons.Count > 0 && !All.Any(entry => entry.Device.Name == name.Split(':')[0])
            ? new LaunchException(ErrorCodes.DeviceUnavailable, $"device {name} is not available: {string.Join("; ", reasons)}")
            : new InputException(ErrorCodes.UnknownDevice, $"there is no device '{OutsideText.Shown(name)}'; there are {string.Join(", ", All.Select(entry => entry.Device.Name))}");
    }

    /// <summary>The device a run goes to: where its inputs are, else where it was asked for, else the default.</summary>
    /// <exception cref="InputException">The inputs are on several devices, or on another than was asked for.</exception>
    public DeviceEntry Choose(string? asked, DeviceEntry standard, ReadOnlySpan<FuserValue> inputs)
    {
        ResidentMemory? first = null;
        foreach (ref readonly var input in inputs)
        {
            if (input.Kind != FuserValueKind.Array || input.Array.Memory is not ResidentMemory resident || resident.Device == first?.Device)
            {
                continue;
            }

            first = first is null
                ? resident
                : throw new InputException(ErrorCodes.MixedDevices, $"the inputs are on device {first.Device} and on device {resident.Device}; copy them to one of the two, or to the host");
        }

        if (first is not null && asked is not (null or RunOptions.CheapestDevice) && asked != first.Device)
        {
            throw new InputException(ErrorCodes.MixedDevices, $"the run was asked for on device {asked}, and an input is on device {first.Device}; leave the device out, or copy the input");
        }

        var name = first?.Device ?? (asked == RunOptions.CheapestDevice ? null : asked);
        return name is null || name == standard.Device.Name ? standard : Find(name);
    }
}

/// <summary>A device, its actor, and whether it may be used.</summary>
internal sealed class DeviceEntry(Device device, ActorRef actor, int queueCapacity)
{
    public Device Device { get; } = device;

    public ActorRef Actor { get; } = actor;

    /// <summary>Room for runs, where callers wait for it.</summary>
    public SemaphoreSlim Room { get; } = new(queueCapacity);

    /// <summary>The probe has found the device exact: nobody needs to ask again.</summary>
    public bool IsAdmitted { get; set; }
}
