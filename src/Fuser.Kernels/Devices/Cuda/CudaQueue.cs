using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>A stream of its own: commands of one queue are in order, those of several overlap. Copies go through pinned memory, so that they do.</summary>
internal sealed unsafe class CudaQueue : DeviceQueue
{
    /// <summary>More groups would not make a device busier; the kernels' own loop takes the rest.</summary>
    private const long MostGroups = 1 << 22;

    private readonly CudaSession _session;
    private readonly ICudaApi _api;
    private readonly string _name;
    private readonly nint _stream;
    private readonly nint _ordered;
    private readonly PinnedStaging _staging;
    private readonly CudaGraphs _graphs;
    private long _seenAllocations = -1;
    private List<CudaLaunch>? _plan;

    public CudaQueue(CudaSession session, CudaAccelerator accelerator)
    {
        _session = session;
        _api = session.Api;
        _name = accelerator.Name;
        nint stream, ordered;
        using var current = session.Enter();
        session.Check(_api.StreamCreate(&stream, CudaCodes.StreamNonBlocking), "cuStreamCreate");
        session.Check(_api.EventCreate(&ordered, CudaCodes.EventWithoutTiming), "cuEventCreate");
        (_stream, _ordered) = (stream, ordered);
        _staging = new PinnedStaging(session, stream);
        _graphs = new CudaGraphs(session, stream);
    }

    public override void Write(nint buffer, byte* source, long bytes)
    {
        using var current = Begin();
        _staging.Write(buffer, source, bytes);
    }

    public override void Read(nint buffer, byte* destination, long bytes)
    {
        using var current = Begin();
        _staging.Read(buffer, destination, bytes);
    }

    public override void Copy(nint source, nint destination, long bytes)
    {
        using var current = Begin();
        _session.Check(_api.MemcpyDtoDAsync(destination, source, (nuint)bytes, _stream), "cuMemcpyDtoDAsync");
    }

    public override void ReadWrapped(nint buffer, long bytes) =>
        throw new InternalFuserException(ErrorCodes.Internal, $"device {_name} wraps no memory, and was asked to read some");

    public override void Launch(LoadedCode code, DeviceCode kernel, ReadOnlySpan<ulong> parameters, long items)
    {
        var groups = (uint)Math.Min((items + kernel.GroupSize - 1) / kernel.GroupSize, MostGroups);
        var launch = new CudaLaunch((CudaCode)code, kernel.Entry, groups, (uint)kernel.GroupSize, parameters.ToArray());
        if (_plan is not null)
        {
            _plan.Add(launch);
            return;
        }

        using var current = Begin();
        launch.Start(_session, _stream);
    }

    /// <summary>One kernel gains nothing from being recorded.</summary>
    public override void BeginPlan(int kernels) => _plan = kernels > 1 ? [] : null;

    public override void EndPlan()
    {
        if (_plan is not { } plan)
        {
            return;
        }

        _plan = null;
        using var current = Begin();
        _graphs.Start(plan);
    }

    public override void Finish()
    {
        _plan = null;
        using var current = _session.Enter();
        _session.Check(_api.StreamSynchronize(_stream), "cuStreamSynchronize");
    }

    public override DeviceTimer CreateTimer() => new CudaTimer(_session, _stream);

    public override void Dispose()
    {
        if (_session.IsClosed)
        {
            return;
        }

        using var current = _session.Enter();
        _graphs.Dispose();
        _staging.Dispose();
        _ = _api.EventDestroy(_ordered);
        _ = _api.StreamDestroy(_stream);
    }

    private CudaSession.Scope Begin()
    {
        var scope = _session.Enter();
        var allocations = _session.Allocations;
        if (allocations != _seenAllocations)
        {
            _session.OrderAfterAllocations(_stream, _ordered);
            _seenAllocations = allocations;
        }

        return scope;
    }
}

/// <summary>One launch, as it is handed to the driver.</summary>
internal sealed record CudaLaunch(CudaCode Code, string Entry, uint Groups, uint GroupSize, ulong[] Parameters)
{
    public unsafe void Start(CudaSession session, nint stream)
    {
        fixed (ulong* values = Parameters)
        {
            var pointers = stackalloc void*[Parameters.Length];
            for (var i = 0; i < Parameters.Length; i++)
            {
                pointers[i] = values + i; // the driver reads as many low bytes as the parameter has
            }

            session.Check(session.Api.LaunchKernel(Code.Function, Groups, GroupSize, stream, pointers), $"the launch of {Entry}");
        }
    }

    /// <summary>Whether it is the same launch of the same code: code that was loaded again is other code.</summary>
    public bool Matches(CudaLaunch other) => ReferenceEquals(Code, other.Code) && Groups == other.Groups && Parameters.AsSpan().SequenceEqual(other.Parameters);
}
