import Glibc

/// One reusable object per thread, without a lock: a parser, a charset descriptor, a scratch buffer.
///
/// An object is taken out of its slot while it is in use, so a nested use simply makes another one.
struct ThreadLocal<Object: AnyObject>: Sendable {
    private let key: pthread_key_t
    private let make: @Sendable () -> Object

    /// A slot on every thread, filled by `make` when first asked for and released when the thread ends.
    init(_ make: @escaping @Sendable () -> Object) {
        var key = pthread_key_t()
        // Fails only when the process has used all 1024 keys; then every use makes its own object (see `withObject`).
        let made = pthread_key_create(&key) { pointer in
            if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
        }
        self.key = made == 0 ? key : pthread_key_t.max
        self.make = make
    }

    /// Runs `body` with this thread's object.
    func withObject<Result, Failure: Error>(_ body: (Object) throws(Failure) -> Result) throws(Failure) -> Result {
        let object: Object
        if let pointer = pthread_getspecific(key) {
            pthread_setspecific(key, nil)
            object = Unmanaged<Object>.fromOpaque(pointer).takeRetainedValue()
        } else {
            object = make()
        }
        defer { giveBack(object) }
        return try body(object)
    }

    private func giveBack(_ object: Object) {
        guard pthread_getspecific(key) == nil else { return }
        let retained = Unmanaged.passRetained(object)
        if pthread_setspecific(key, retained.toOpaque()) != 0 { retained.release() }
    }
}
