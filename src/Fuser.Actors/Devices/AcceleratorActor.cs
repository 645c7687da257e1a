using System.Collections.Immutable;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Devices;

/// <summary>
/// Owns an accelerator: its session, what is on it, and who runs next. Launches run on streams, which are its children, so that the copies of one overlap with the kernels of
/// another; when all are busy they wait in the stash, which outlives a restart, and when too many wait, the caller is told. A lost device fails this actor: it comes
/// back after a pause with a new session, runs what waited, and reports what was on the device as lost to whoever asks for it.
/// </summary>
internal sealed class AcceleratorActor(Accelerator accelerator, AcceleratorSettings settings, FuserTelemetry telemetry, ILogger logger) : Actor
{
    /// <summary>Shared by all restarts, so that an id is never given out twice.</summary>
    private static long _lastBufferId;

    private readonly Dictionary<long, DeviceBuffer> _buffers = [];
    private readonly HashSet<ActorRef> _streams = [];
    private readonly Queue<ActorRef> _idle = [];
    private DeviceHeap? _heap;
    private DeviceQueue? _copies;
    private bool _isProbed;
    private string? _difference;
    private long _launches;

    protected override SupervisorStrategy SupervisorStrategy { get; } = new() { Decider = static _ => Directive.Restart, MaxRetries = -1 };

    protected override void Receive(object message)
    {
        try
        {
            switch (message)
            {
                case LaunchOnDevice launch: OnLaunch(launch); break;
                case StreamIdle idle: OnIdle(idle); break;
                case StreamLost lost: OnLost(lost); break;
                case Admit admit: OnAdmit(admit); break;
                case Upload upload: OnUpload(upload); break;
                case Download download: OnDownload(download); break;
                case Discard discard: Forget(discard.BufferId); break;
                case Leaked leaked: OnLeaked(leaked); break;
                case GetDeviceStatus: Sender.Tell(new DeviceStatus(accelerator.Name, accelerator.Limits.Name, _launches, _buffers.Count, _heap?.Bytes ?? 0, Self.MailboxLength + Stash.Count)); break;
                default: Unhandled(message); break;
            }
        }
        catch (LaunchException error) when (error.Code == ErrorCodes.DeviceLost)
        {
            Sender.Fail(error);
            throw new DeviceLostException(error);
        }
        catch (FuserException error)
        {
            Sender.Fail(error); // the request's fault, not the device's: no restart
        }
    }

    protected override void PreRestart(Exception cause, object? message)
    {
        DeviceLog.Lost(logger, accelerator.Name, _buffers.Count, cause);
        base.PreRestart(cause, message);
    }

    protected override void PostStop()
    {
        foreach (var buffer in _buffers.Values)
        {
            buffer.Release();
        }

        telemetry.DeviceTensors.Add(-_buffers.Count);
        _buffers.Clear();
        _copies?.Dispose();
        accelerator.Close();
    }

    private void OnAdmit(Admit admit)
    {
        Open();
        if (!_isProbed)
        {
            Context.Status = "probing the device's exactness";
            _difference = ExactnessProbe.Run(accelerator, settings.Store);
            _isProbed = true;
            Context.Status = null;
        }

        if (_difference is not null && !admit.AllowInexact)
        {
            throw new LaunchException(ErrorCodes.DeviceInexact, $"device {accelerator.Name} ({accelerator.Limits.Name}, {accelerator.Limits.Driver}) does not compute the contract's bits: {_difference}. Use cpu, or allow it with AllowInexact");
        }

        if (_difference is not null)
        {
            DeviceLog.Inexact(logger, accelerator.Name, _difference);
        }

        Sender.Tell(new Admitted(_difference));
    }

    private DeviceHeap Open()
    {
        if (_heap is null)
        {
            _heap = new DeviceHeap(accelerator.Name, accelerator.Open());
            for (var i = 0; i < settings.Streams; i++)
            {
                var heap = _heap;
                var stream = Context.ActorOf(Props.Create(() => new StreamActor(heap)).WithDispatcher(Dispatcher.Pinned));
                _streams.Add(stream);
                _idle.Enqueue(stream);
            }
        }

        return _heap;
    }

    private void OnLaunch(LaunchOnDevice launch)
    {
        if (!Sender.IsWaiting)
        {
            return; // whoever asked gave up while this waited
        }

        Open();
        if (_idle.TryDequeue(out var stream))
        {
            Start(stream, launch, Sender);
        }
        else if (Stash.Count >= settings.QueueCapacity)
        {
            throw new LaunchException(ErrorCodes.Overloaded, $"the queue of device {accelerator.Name} is full: {Stash.Count} launches wait; send less at once, or have callers wait ({nameof(FuserOptions.WhenDeviceQueueFull)})");
        }
        else
        {
            Stash.Stash();
        }
    }

    private void OnLost(StreamLost lost)
    {
        if (_streams.Contains(lost.Stream))
        {
            throw new DeviceLostException(lost.Cause);
        }
    }

    private void OnIdle(StreamIdle idle)
    {
        if (!_streams.Contains(idle.Stream))
        {
            GiveUp(idle.Results); // of a session that was lost meanwhile
            return;
        }

        _idle.Enqueue(idle.Stream);
        if (!idle.Results.IsDefault)
        {
            Keep(idle.Results);
        }

        Stash.UnstashAll(); // the first takes the stream, the others come back here in their order
    }

    /// <summary>Gives a launch to a stream, with a hold on every buffer it reads: whoever frees one meanwhile does not take it away.</summary>
    private void Start(ActorRef stream, LaunchOnDevice launch, ReplyTo sender)
    {
        var inputs = ImmutableDictionary.CreateBuilder<long, DeviceBuffer>();
        foreach (var input in launch.Inputs)
        {
            if (input.Kind == FuserValueKind.Array && input.Array.Memory is ResidentMemory resident && !inputs.ContainsKey(resident.Id))
            {
                if (!_buffers.TryGetValue(resident.Id, out var buffer) || !buffer.TryHold())
                {
                    foreach (var held in inputs.Values)
                    {
                        held.Release();
                    }

                    _idle.Enqueue(stream);
                    sender.Fail(Lost(resident.Id));
                    return;
                }

                inputs.Add(resident.Id, buffer);
            }
        }

        _launches++;
        stream.Tell(new StreamLaunch(launch, inputs.ToImmutable()), sender);
    }

    private void GiveUp(ImmutableArray<DeviceBuffer> results)
    {
        if (results.IsDefault)
        {
            return;
        }

        foreach (var result in results)
        {
            result.Release();
        }

        Sender.Fail(new LaunchException(ErrorCodes.DeviceLost, $"device {accelerator.Name} was lost while the run was under way, and its results with it; run again"));
    }

    private void Keep(ImmutableArray<DeviceBuffer> results)
    {
        if (!Sender.IsWaiting)
        {
            foreach (var result in results)
            {
                result.Release(); // whoever asked gave up: nobody would free them
            }

            return;
        }

        Sender.Tell(new Kept(ImmutableArray.CreateRange(results, Register)));
    }

    private long Register(DeviceBuffer buffer)
    {
        var id = Interlocked.Increment(ref _lastBufferId);
        _buffers.Add(id, buffer);
        telemetry.DeviceTensors.Add(1);
        return id;
    }

    /// <summary>The queue of this actor's own copies.</summary>
    private DeviceQueue Copies(DeviceHeap heap) => _copies ??= heap.Session.CreateQueue();

    private unsafe void OnUpload(Upload upload)
    {
        var heap = Open();
        var array = upload.Array;
        var buffer = heap.Allocate(array.ElementCount * array.DType.ItemSize());
        try
        {
            var queue = Copies(heap);
            using var pin = array.Pin();
            queue.Write(buffer.Handle, (byte*)pin.Pointer, buffer.Bytes);
            queue.Finish();
        }
        catch
        {
            buffer.Release();
            throw;
        }

        Sender.Tell(new Allocated(Register(buffer), buffer.Bytes));
    }

    private unsafe void OnDownload(Download download)
    {
        if (!_buffers.TryGetValue(download.BufferId, out var buffer))
        {
            throw Lost(download.BufferId);
        }

        var queue = Copies(buffer.Heap);
        using var pin = download.Destination.Pin();
        queue.Read(buffer.Handle, (byte*)pin.Pointer, buffer.Bytes);
        queue.Finish();
        Sender.Tell(Downloaded.Instance);
    }

    private void OnLeaked(Leaked leaked)
    {
        if (Forget(leaked.BufferId))
        {
            telemetry.LeakedTensors.Add(1);
            DeviceLog.Leaked(logger, accelerator.Name, leaked.BufferId);
        }
    }

    private bool Forget(long id)
    {
        if (!_buffers.Remove(id, out var buffer))
        {
            return false;
        }

        telemetry.DeviceTensors.Add(-1);
        buffer.Release();
        return true;
    }

    private LaunchException Lost(long id) =>
        new(ErrorCodes.BufferLost, $"device {accelerator.Name} has no buffer {id}: it was freed before, or lost when the device was; create it again from its source");

    /// <summary>Fails this actor; whoever asked has the cause already.</summary>
    private sealed class DeviceLostException(Exception cause) : Exception(cause.Message, cause);
}

/// <summary>How an accelerator is used.</summary>
/// <param name="Streams">Launches that may be under way at once.</param>
/// <param name="QueueCapacity">Launches that may wait.</param>
/// <param name="Store">Where what was found out about the device is kept.</param>
internal sealed record AcceleratorSettings(int Streams, int QueueCapacity, BinaryStore Store);
