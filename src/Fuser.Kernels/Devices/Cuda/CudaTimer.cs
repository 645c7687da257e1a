using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>Two events on a stream: the device notes the time when it gets to them, to half a microsecond.</summary>
internal sealed unsafe class CudaTimer : DeviceTimer
{
    private readonly CudaSession _session;
    private readonly nint _stream;
    private readonly nint _start;
    private readonly nint _stop;

    public CudaTimer(CudaSession session, nint stream)
    {
        _session = session;
        _stream = stream;
        nint start, stop;
        using var current = session.Enter();
        session.Check(session.Api.EventCreate(&start, CudaCodes.EventWithTiming), "cuEventCreate");
        session.Check(session.Api.EventCreate(&stop, CudaCodes.EventWithTiming), "cuEventCreate");
        (_start, _stop) = (start, stop);
    }

    public override void Start() => Record(_start);

    public override void Stop() => Record(_stop);

    public override TimeSpan Elapsed()
    {
        float milliseconds;
        using var current = _session.Enter();
        _session.Check(_session.Api.EventSynchronize(_stop), "cuEventSynchronize");
        _session.Check(_session.Api.EventElapsedTime(&milliseconds, _start, _stop), "cuEventElapsedTime");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    public override void Dispose()
    {
        if (!_session.IsClosed)
        {
            using var current = _session.Enter();
            _ = _session.Api.EventDestroy(_start);
            _ = _session.Api.EventDestroy(_stop);
        }
    }

    private void Record(nint signal)
    {
        using var current = _session.Enter();
        _session.Check(_session.Api.EventRecord(signal, _stream), "cuEventRecord");
    }
}
