namespace Fuser.Kernels.Devices.Cuda;

/// <summary>
/// Moves pageable memory through two pinned pieces: while the device copies from or to one, the processor fills or empties the other. Small copies are left to
/// the driver, which has room for them.
/// </summary>
internal sealed unsafe class PinnedStaging(CudaSession session, nint stream) : IDisposable
{
    private const long SmallCopy = 64 << 10;
    private const long PieceBytes = 4 << 20;

    private readonly byte*[] _pieces = new byte*[2];
    private readonly nint[] _signals = new nint[2];
    private readonly ICudaApi _api = session.Api;

    public void Write(nint buffer, byte* source, long bytes)
    {
        if (bytes <= SmallCopy)
        {
            if (bytes > 0)
            {
                session.Check(_api.MemcpyHtoDAsync(buffer, source, (nuint)bytes, stream), "cuMemcpyHtoDAsync");
            }

            return;
        }

        Prepare();
        for (long start = 0, turn = 0; start < bytes; start += PieceBytes, turn++)
        {
            var piece = (int)(turn & 1);
            var length = Math.Min(PieceBytes, bytes - start);
            session.Check(_api.EventSynchronize(_signals[piece]), "cuEventSynchronize"); // the copy that used this piece last is done
            Buffer.MemoryCopy(source + start, _pieces[piece], PieceBytes, length);
            session.Check(_api.MemcpyHtoDAsync(buffer + (nint)start, _pieces[piece], (nuint)length, stream), "cuMemcpyHtoDAsync");
            session.Check(_api.EventRecord(_signals[piece], stream), "cuEventRecord");
        }
    }

    public void Read(nint buffer, byte* destination, long bytes)
    {
        if (bytes <= SmallCopy)
        {
            if (bytes > 0)
            {
                session.Check(_api.MemcpyDtoHAsync(destination, buffer, (nuint)bytes, stream), "cuMemcpyDtoHAsync");
            }

            return;
        }

        Prepare();
        session.Check(_api.EventSynchronize(_signals[0]), "cuEventSynchronize");
        session.Check(_api.EventSynchronize(_signals[1]), "cuEventSynchronize");
        var pieces = (bytes + PieceBytes - 1) / PieceBytes;
        for (long turn = 0; turn <= pieces; turn++)
        {
            if (turn < pieces)
            {
                var start = turn * PieceBytes;
                session.Check(_api.MemcpyDtoHAsync(_pieces[turn & 1], buffer + (nint)start, (nuint)Math.Min(PieceBytes, bytes - start), stream), "cuMemcpyDtoHAsync");
                session.Check(_api.EventRecord(_signals[turn & 1], stream), "cuEventRecord");
            }

            if (turn > 0)
            {
                var (start, piece) = ((turn - 1) * PieceBytes, (turn - 1) & 1);
                session.Check(_api.EventSynchronize(_signals[piece]), "cuEventSynchronize");
                var length = Math.Min(PieceBytes, bytes - start);
                Buffer.MemoryCopy(_pieces[piece], destination + start, length, length);
            }
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < _pieces.Length; i++)
        {
            if (_pieces[i] is not null)
            {
                _ = _api.EventDestroy(_signals[i]);
                _ = _api.MemFreeHost(_pieces[i]);
                _pieces[i] = null;
            }
        }
    }

    private void Prepare()
    {
        for (var i = 0; i < _pieces.Length; i++)
        {
            if (_pieces[i] is not null)
            {
                continue;
            }

            void* memory;
            nint signal;
            session.Check(_api.MemHostAlloc(&memory, (nuint)PieceBytes, 0), $"an allocation of {PieceBytes} pinned bytes");
            session.Check(_api.EventCreate(&signal, CudaCodes.EventWithoutTiming), "cuEventCreate");
            _pieces[i] = (byte*)memory;
            _signals[i] = signal;
        }
    }
}
