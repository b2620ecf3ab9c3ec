using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.IO;

/// <summary>A part of a file, mapped by the system.</summary>
internal sealed unsafe class MappedView : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedView(MemoryMappedFile file, MemoryMappedViewAccessor view) => (_file, _view) = (file, view);

    public static FileRegion Map(SafeFileHandle handle, long offset, long length)
    {
        // The system cannot map nothing.
        if (length == 0) return new FileRegion(0, 0, null);
        var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            var view = file.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
            byte* page = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref page);
            // The view begins at the page that holds the offset.
            return new FileRegion((nint)(page + view.PointerOffset), length, new MappedView(file, view));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
