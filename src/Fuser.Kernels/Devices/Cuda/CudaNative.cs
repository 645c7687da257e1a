using System.Runtime.InteropServices;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>The functions in the driver's own library. Names end in _v2 where the header renames them.</summary>
internal sealed unsafe partial class CudaNative : ICudaApi
{
    private const string Library = NativeDriver.Cuda;

    public int Init(uint flags) => cuInit(flags);

    public int DriverGetVersion(int* version) => cuDriverGetVersion(version);

    public int GetErrorName(int error, byte** name) => cuGetErrorName(error, name);

    public int DeviceGetCount(int* count) => cuDeviceGetCount(count);

    public int DeviceGet(int* device, int ordinal) => cuDeviceGet(device, ordinal);

    public int DeviceGetName(byte* name, int length, int device) => cuDeviceGetName(name, length, device);

    public int DeviceTotalMem(nuint* bytes, int device) => cuDeviceTotalMem_v2(bytes, device);

    public int DeviceGetAttribute(int* value, int attribute, int device) => cuDeviceGetAttribute(value, attribute, device);

    public int PrimaryCtxRetain(nint* context, int device) => cuDevicePrimaryCtxRetain(context, device);

    public int PrimaryCtxRelease(int device) => cuDevicePrimaryCtxRelease_v2(device);

    public int PrimaryCtxReset(int device) => cuDevicePrimaryCtxReset_v2(device);

    public int CtxPushCurrent(nint context) => cuCtxPushCurrent_v2(context);

    public int CtxPopCurrent(nint* context) => cuCtxPopCurrent_v2(context);

    public int LinkCreate(uint count, int* options, void** values, nint* state) => cuLinkCreate_v2(count, options, values, state);

    public int LinkAddData(nint state, int type, void* data, nuint size, byte* name) => cuLinkAddData_v2(state, type, data, size, name, 0, null, null);

    public int LinkComplete(nint state, void** image, nuint* size) => cuLinkComplete(state, image, size);

    public int LinkDestroy(nint state) => cuLinkDestroy(state);

    public int ModuleLoadData(nint* module, void* image) => cuModuleLoadData(module, image);

    public int ModuleGetFunction(nint* function, nint module, byte* name) => cuModuleGetFunction(function, module, name);

    public int ModuleUnload(nint module) => cuModuleUnload(module);

    public int DeviceGetDefaultMemPool(nint* pool, int device) => cuDeviceGetDefaultMemPool(pool, device);

    public int MemPoolSetAttribute(nint pool, int attribute, void* value) => cuMemPoolSetAttribute(pool, attribute, value);

    public int MemPoolTrimTo(nint pool, nuint keep) => cuMemPoolTrimTo(pool, keep);

    public int MemAlloc(nint* address, nuint bytes) => cuMemAlloc_v2(address, bytes);

    public int MemFree(nint address) => cuMemFree_v2(address);

    public int MemAllocAsync(nint* address, nuint bytes, nint stream) => cuMemAllocAsync(address, bytes, stream);

    public int MemFreeAsync(nint address, nint stream) => cuMemFreeAsync(address, stream);

    public int MemHostAlloc(void** memory, nuint bytes, uint flags) => cuMemHostAlloc(memory, bytes, flags);

    public int MemFreeHost(void* memory) => cuMemFreeHost(memory);

    public int MemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream) => cuMemcpyHtoDAsync_v2(destination, source, bytes, stream);

    public int MemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream) => cuMemcpyDtoHAsync_v2(destination, source, bytes, stream);

    public int MemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) => cuMemcpyDtoDAsync_v2(destination, source, bytes, stream);

    public int StreamCreate(nint* stream, uint flags) => cuStreamCreate(stream, flags);

    public int StreamDestroy(nint stream) => cuStreamDestroy_v2(stream);

    public int StreamSynchronize(nint stream) => cuStreamSynchronize(stream);

    public int StreamWaitEvent(nint stream, nint signal, uint flags) => cuStreamWaitEvent(stream, signal, flags);

    public int StreamBeginCapture(nint stream, int mode) => cuStreamBeginCapture_v2(stream, mode);

    public int StreamEndCapture(nint stream, nint* graph) => cuStreamEndCapture(stream, graph);

    public int EventCreate(nint* signal, uint flags) => cuEventCreate(signal, flags);

    public int EventRecord(nint signal, nint stream) => cuEventRecord(signal, stream);

    public int EventSynchronize(nint signal) => cuEventSynchronize(signal);

    public int EventElapsedTime(float* milliseconds, nint start, nint end) => cuEventElapsedTime(milliseconds, start, end);

    public int EventDestroy(nint signal) => cuEventDestroy_v2(signal);

    public int GraphInstantiate(nint* executable, nint graph, ulong flags) => cuGraphInstantiateWithFlags(executable, graph, flags);

    public int GraphLaunch(nint executable, nint stream) => cuGraphLaunch(executable, stream);

    public int GraphExecDestroy(nint executable) => cuGraphExecDestroy(executable);

    public int GraphDestroy(nint graph) => cuGraphDestroy(graph);

    public int LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void** parameters) =>
        cuLaunchKernel(function, groups, 1, 1, groupSize, 1, 1, 0, stream, parameters, null);

    [LibraryImport(Library)]
    private static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    private static partial int cuDriverGetVersion(int* version);

    [LibraryImport(Library)]
    private static partial int cuGetErrorName(int error, byte** name);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetCount(int* count);

    [LibraryImport(Library)]
    private static partial int cuDeviceGet(int* device, int ordinal);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(Library)]
    private static partial int cuDeviceTotalMem_v2(nuint* bytes, int device);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetAttribute(int* value, int attribute, int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxReset_v2(int device);

    [LibraryImport(Library)]
    private static partial int cuCtxPushCurrent_v2(nint context);

    [LibraryImport(Library)]
    private static partial int cuCtxPopCurrent_v2(nint* context);

    [LibraryImport(Library)]
    private static partial int cuLinkCreate_v2(uint count, int* options, void** values, nint* state);

    [LibraryImport(Library)]
    private static partial int cuLinkAddData_v2(nint state, int type, void* data, nuint size, byte* name, uint count, int* options, void** values);

    [LibraryImport(Library)]
    private static partial int cuLinkComplete(nint state, void** image, nuint* size);

    [LibraryImport(Library)]
    private static partial int cuLinkDestroy(nint state);

    [LibraryImport(Library)]
    private static partial int cuModuleLoadData(nint* module, void* image);

    [LibraryImport(Library)]
    private static partial int cuModuleGetFunction(nint* function, nint module, byte* name);

    [LibraryImport(Library)]
    private static partial int cuModuleUnload(nint module);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetDefaultMemPool(nint* pool, int device);

    [LibraryImport(Library)]
    private static partial int cuMemPoolSetAttribute(nint pool, int attribute, void* value);

    [LibraryImport(Library)]
    private static partial int cuMemPoolTrimTo(nint pool, nuint keep);

    [LibraryImport(Library)]
    private static partial int cuMemAlloc_v2(nint* address, nuint bytes);

    [LibraryImport(Library)]
    private static partial int cuMemFree_v2(nint address);

    [LibraryImport(Library)]
    private static partial int cuMemAllocAsync(nint* address, nuint bytes, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemFreeAsync(nint address, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemHostAlloc(void** memory, nuint bytes, uint flags);

    [LibraryImport(Library)]
    private static partial int cuMemFreeHost(void* memory);

    [LibraryImport(Library)]
    private static partial int cuMemcpyHtoDAsync_v2(nint destination, void* source, nuint bytes, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemcpyDtoHAsync_v2(void* destination, nint source, nuint bytes, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemcpyDtoDAsync_v2(nint destination, nint source, nuint bytes, nint stream);

    [LibraryImport(Library)]
    private static partial int cuStreamCreate(nint* stream, uint flags);

    [LibraryImport(Library)]
    private static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(Library)]
    private static partial int cuStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    private static partial int cuStreamWaitEvent(nint stream, nint signal, uint flags);

    [LibraryImport(Library)]
    private static partial int cuStreamBeginCapture_v2(nint stream, int mode);

    [LibraryImport(Library)]
    private static partial int cuStreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Library)]
    private static partial int cuEventCreate(nint* signal, uint flags);

    [LibraryImport(Library)]
    private static partial int cuEventRecord(nint signal, nint stream);

    [LibraryImport(Library)]
    private static partial int cuEventSynchronize(nint signal);

    [LibraryImport(Library)]
    private static partial int cuEventElapsedTime(float* milliseconds, nint start, nint end);

    [LibraryImport(Library)]
    private static partial int cuEventDestroy_v2(nint signal);

    [LibraryImport(Library)]
    private static partial int cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags);

    [LibraryImport(Library)]
    private static partial int cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(Library)]
    private static partial int cuGraphExecDestroy(nint executable);

    [LibraryImport(Library)]
    private static partial int cuGraphDestroy(nint graph);

    [LibraryImport(Library)]
    private static partial int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra);
}
