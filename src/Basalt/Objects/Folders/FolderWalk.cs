using Basalt.Records;

namespace Basalt.Objects.Folders;

/// <summary>Walks a folder in the order of its keys, reading only folders that can have what is listed.</summary>
internal sealed class FolderWalk(string root, ObjectListing listing, CancellationToken cancellationToken)
{
    private readonly record struct Child(string Key, FileSystemInfo Entry);

    public IEnumerable<ObjectListItem> Items()
    {
        string? last = null;
        foreach (var item in Below(new DirectoryInfo(root), ""))
        {
            // Another delimiter than the slash cuts keys of several folders alike.
            if (item.Key == last || !listing.Includes(item.Key)) continue;
            last = item.Key;
            yield return item;
        }
    }

    private IEnumerable<ObjectListItem> Below(DirectoryInfo folder, string key)
    {
        // The depth is bounded by the longest path; the folders on the way are open, each with the names of its children.
        foreach (var child in Children(folder, key))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (child.Entry is FileInfo file)
            {
                if (listing.CommonPrefixOf(child.Key) is { } prefix) yield return new ObjectListItem(prefix, null);
                // What was deleted since its name was read is not there.
                else if (FolderObjectStore.EntryOf(child.Key, file) is { } entry) yield return new ObjectListItem(child.Key, entry);
                continue;
            }

            var inner = (DirectoryInfo)child.Entry;
            if (listing.Delimiter == '/' && child.Key.Length > listing.Prefix.Length)
            {
                if (listing.Includes(child.Key) && HasFile(inner)) yield return new ObjectListItem(child.Key, null);
                continue;
            }

            foreach (var item in Below(inner, child.Key)) yield return item;
        }
    }

    /// <summary>The files and folders that may have keys of the listing, a folder's key with a slash behind it, in the order of keys.</summary>
    private List<Child> Children(DirectoryInfo folder, string key)
    {
        var children = new List<Child>();
        foreach (var entry in Entries(folder))
        {
            var name = key + entry.Name;
            if (PutRoom.Holds(name) || entry.LinkTarget is not null) continue;
            if (entry is FileInfo)
            {
                if (name.StartsWith(listing.Prefix, StringComparison.Ordinal) && listing.Includes(name)) children.Add(new Child(name, entry));
            }
            else
            {
                name += "/";
                var leadsThere = name.StartsWith(listing.Prefix, StringComparison.Ordinal) || listing.Prefix.StartsWith(name, StringComparison.Ordinal);
                if (leadsThere && MayInclude(name)) children.Add(new Child(name, entry));
            }
        }

        children.Sort(static (a, b) => Text.Compare(a.Key, b.Key));
        return children;
    }

    // A folder in front of the start holds something behind it only if the start lies in it.
    private bool MayInclude(string folder) => listing.Includes(folder) || listing.StartAfter!.StartsWith(folder, StringComparison.Ordinal);

    private bool HasFile(DirectoryInfo folder)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in Entries(folder))
            if (entry.LinkTarget is null && (entry is FileInfo || HasFile((DirectoryInfo)entry))) return true;
        return false;
    }

    private static FileSystemInfo[] Entries(DirectoryInfo folder)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (DirectoryNotFoundException)
        {
            // Not made yet, or removed since its name was read.
            return [];
        }
    }
}
